import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MqttBus, Wire } from '@guaita/bus';
import { end, freePort, startMosquitto, tied, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import type { PingObservation } from '@guaita/model';
import { afterEach, describe, expect, onTestFailed, test } from 'vitest';
import { storedPings } from './stored-pings.testdata.ts';

const MONITOR = 'one';
const DEVICES = 200;
/** Of all devices together; a second is as busy as one of a site with 4,000 devices. */
const PER_SECOND = 200;
const FAULTS = 12;
const PACE_ms = 50;
/** Longer than all of it takes, so that the broker drops nothing for its age. */
const INTERVAL_s = 120;
const PATIENCE = { timeout: 60_000, interval: 250 };
/** What stays unchanged for so long has come to an end. */
const QUIET_ms = 3_000;

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Random numbers in [0, 1) from a seed (mulberry32), so that a failure can be replayed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The real service in a process of its own, which is killed and started again. */
class StorageProcess {
  readonly #args: string[];
  readonly #port: number;
  #child: ChildProcess | undefined;
  log = '';

  constructor(broker: string, monitor: string, data: string, port: number) {
    this.#port = port;
    this.#args = [
      new URL('./main.ts', import.meta.url).pathname,
      ...['--broker', broker, '--monitor', monitor, '--data', data, '--http-port', String(port)],
    ];
  }

  start(): void {
    const child = tied(spawn(process.execPath, this.#args, { stdio: ['ignore', 'pipe', 'pipe'] }));
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (this.log += text.toString()));
    this.#child = child;
  }

  /** Waits until it hears. */
  async ready(): Promise<void> {
    await eventually(async () => {
      const answer = await fetch(`http://127.0.0.1:${this.#port}/healthz`);
      expect(await answer.json()).toMatchObject({ ok: true });
    });
  }

  /** How many rows this process has stored since it was started. */
  async rows(): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.#port}/metrics`)).text();
    return Number(/^guaita_storage_rows_total\{kind="ping"[^}]*\} (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  }

  /** Waits until it hears, and nothing is left that it has not heard. */
  async quiet(): Promise<void> {
    await this.ready();
    for (let before = -1, now = await this.rows(); now !== before;) {
      await pause(QUIET_ms);
      [before, now] = [now, await this.rows()];
    }
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await end(this.#child, signal);
  }
}

/** Says numbered observations, of one device after the other, at a steady pace. */
class Publisher {
  readonly #wire: Wire;
  #over = false;
  /** Whether it says nothing for now. */
  isHeld = false;
  #running: Promise<void> | undefined;
  /** Every observation said: `device at`. */
  readonly said = new Set<string>();

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let due = 0; !this.#over;) {
      await pause(PACE_ms);
      if (!this.isHeld) due += (PER_SECOND * PACE_ms) / 1000;
      while (this.said.size < due) this.#say(this.said.size);
    }
  }

  #say(number: number): void {
    const device = `d${number % DEVICES}`;
    // A minute apart, so that no two of one device are of one time.
    const at = new Date(Date.parse('2026-01-01T00:00:00Z') + Math.floor(number / DEVICES) * 60_000).toISOString();
    const rtts = { rtt_min_ms: 1, rtt_avg_ms: 1, rtt_max_ms: 1, jitter_ms: 0 };
    const seen: PingObservation = {
      ...{ at, state: 'up', address: '192.0.2.1', sent: 3, received: 3, loss_percent: 0 },
      ...rtts,
    };
    this.#wire.say(channels.ping, { monitor: MONITOR, device }, seen, INTERVAL_s);
    this.said.add(`${device} ${at}`);
  }
}

/** What befalls the broker and one of the two storages that it has, and is over when it returns. */
type Fault = (
  broker: Mosquitto,
  storage: StorageProcess,
  random: () => number,
  caughtUp: () => Promise<void>,
) => Promise<void>;

const away = (random: () => number): Promise<void> => pause(random() * 2_000);

const FAULTS_OF: Readonly<Record<string, Fault>> = {
  async 'storage is killed'(_broker, storage, random) {
    await storage.end('SIGKILL');
    await away(random);
    storage.start();
  },
  async 'the broker is restarted'(broker, _storage, random) {
    await broker.halt();
    await away(random);
    await broker.start();
  },
  // What it has taken and they have not worked off dies with it, so there is to be none.
  async 'the broker is killed while both hear, and have caught up'(broker, _storage, random, caughtUp) {
    await caughtUp();
    await broker.kill();
    await away(random);
    await broker.start();
  },
  async 'storage is killed, and the broker restarted before it is back'(broker, storage, random) {
    await storage.end('SIGKILL');
    await away(random);
    await broker.halt();
    await broker.start();
    await away(random);
    storage.start();
  },
  async 'storage is killed while the broker is away'(broker, storage, random) {
    await broker.halt();
    await storage.end('SIGKILL');
    storage.start();
    await away(random);
    await broker.start();
  },
};

describe('the storage service', () => {
  test(
    'stores each observation that the broker took, whenever either of them is killed or restarted',
    { timeout: 300_000 },
    async () => {
      const seed = Number(process.env['SEED'] ?? 20_261_123);
      const random = randomFrom(seed);
      const folder = await mkdtemp(join(tmpdir(), 'guaita-storage-'));
      stops.push(() => rm(folder, { recursive: true, force: true }));
      // As it is deployed.
      const config = 'allow_anonymous true\nmax_queued_messages 100000\nautosave_interval 60';
      const broker = await startMosquitto({ persistence: true, config });
      stops.push(() => broker.stop());
      // Two share the broker; the second is left alone, but for its broker.
      const stores = await Promise.all(
        ['one', 'two'].map(async (monitor) => {
          const data = join(folder, monitor);
          return { data, process: new StorageProcess(broker.url, monitor, data, await freePort()) };
        }),
      );
      for (const { process } of stores) stops.push(() => process.end('SIGKILL'));
      const storage = stores[0]!.process;
      const bus = new MqttBus({ url: broker.url, clientId: 'publisher', log: () => {} });
      stops.push(() => bus.stop(100));
      const publisher = new Publisher(new Wire(bus, () => {}));
      stops.push(() => publisher.stop());

      onTestFailed(() => {
        for (const { process } of stores) console.log(`seed ${seed}`, process.log.slice(-5_000));
      });
      for (const { process } of stores) process.start();
      for (const { process } of stores) await process.ready();
      // A session of which a broker has saved nothing dies with it.
      await broker.restart();
      await bus.start(AbortSignal.timeout(PATIENCE.timeout));
      publisher.start();
      const caughtUp = async (): Promise<void> => {
        publisher.isHeld = true;
        await bus.flushed(AbortSignal.timeout(PATIENCE.timeout));
        for (const { process } of stores) await process.quiet();
      };
      const story: string[] = [];
      for (let n = 0; n < FAULTS; n += 1) {
        await pause(random() * 2_000);
        const names = Object.keys(FAULTS_OF);
        const name = names[Math.floor(random() * names.length)] ?? '';
        story.push(`${publisher.said.size}: ${name}`);
        await FAULTS_OF[name]?.(broker, storage, random, caughtUp);
        publisher.isHeld = false;
      }
      await publisher.stop();
      await caughtUp();
      for (const { process } of stores) await process.end('SIGTERM');

      // Whatever was given up before the broker took it would not be storage's loss.
      expect(bus.outbox).toMatchObject({ waiting: 0, dropped: 0, rejected: 0 });
      for (const { data } of stores) {
        const { rows, merged } = await storedPings(data);
        const missing = [...publisher.said].filter((each) => !merged.has(each));
        const invented = [...merged].filter((each) => !publisher.said.has(each));
        expect({ seed, story, missing, invented }).toEqual({ seed, story, missing: [], invented: [] });
        console.log(`seed ${seed}: ${publisher.said.size} said, ${rows} rows, ${merged.size} when merged`, story);
      }
    },
  );
});
