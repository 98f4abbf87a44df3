import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MqttBus } from '@guaita/bus';
import type { BucketMessage, LinkMessage } from '@guaita/cluster';
import { startBridgedMosquittos, TcpProxy, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { BUCKETS, type Header } from '@guaita/model';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MqttLink } from './mqtt-link.ts';

const TEST = { timeout: 180_000 };
const MONITORS = ['one', 'two', 'three'];

let brokers: Map<string, Mosquitto>;
let releases: (() => Promise<unknown>)[];

beforeEach(() => {
  releases = [];
  brokers = new Map();
});

afterEach(async () => {
  for (const release of releases.reverse()) await release();
  for (const broker of brokers.values()) await broker.stop();
}, 60_000);

/** A monitor as far as its links go: it says its header and buckets, answers those who lack some, and notes what it hears. */
class Monitor {
  readonly name: string;
  readonly #proxy: TcpProxy;
  readonly #link: MqttLink;
  readonly heard: { readonly message: LinkMessage; readonly stored: boolean }[] = [];
  readonly #versions = Array<number>(BUCKETS).fill(0);
  #beat = 0;
  connected = false;

  constructor(name: string, proxy: TcpProxy, user?: { readonly username: string; readonly password: string }) {
    this.name = name;
    this.#proxy = proxy;
    this.#link = new MqttLink({
      ...{ monitor: name, base: 'guaita', incarnation: 1, log: pino({ level: 'silent' }) },
      connect: (will) =>
        new MqttBus({ url: `mqtt://127.0.0.1:${proxy.port}`, clientId: `${name}-link`, will, log: () => {}, ...user }),
    });
  }

  async start(): Promise<void> {
    const listener = {
      heard: (message: LinkMessage, stored: boolean): void => {
        this.heard.push({ message, stored });
        if (message.kind !== 'wants') return;
        message.versions.forEach((version, bucket) => {
          if (version !== this.#versions[bucket]) this.#sayBucket(bucket);
        });
      },
      connected: (connected: boolean): void => void (this.connected = connected),
    };
    await this.#link.start(listener, new AbortController().signal);
    await eventually(() => expect(this.connected).toBe(true));
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }

  /** Its process is killed, or its network goes. */
  async die(): Promise<void> {
    await this.#proxy.stop();
  }

  beat(): void {
    this.#beat += 1;
    this.#link.say({ kind: 'header', monitor: this.name, header: header(this.#beat) });
  }

  /** Says a bucket in its next version. */
  change(bucket: number): void {
    this.#versions[bucket] = (this.#versions[bucket] ?? 0) + 1;
    this.#sayBucket(bucket);
  }

  /** Asks a peer for all that it lacks. */
  ask(peer: Monitor): void {
    this.#link.say({
      kind: 'wants',
      monitor: this.name,
      peer: peer.name,
      incarnation: 1,
      versions: this.versionsOf(peer),
    });
  }

  get versions(): readonly number[] {
    return this.#versions;
  }

  /** The newest version of each bucket of a peer that it has heard. */
  versionsOf(peer: Monitor): number[] {
    const versions = Array<number>(BUCKETS).fill(0);
    for (const { message } of this.heard) {
      if (message.kind !== 'bucket' || message.monitor !== peer.name) continue;
      versions[message.bucket] = Math.max(versions[message.bucket] ?? 0, message.content.version);
    }
    return versions;
  }

  hears(peer: Monitor, kind: LinkMessage['kind']): LinkMessage[] {
    return this.heard.flatMap(({ message }) => (message.kind === kind && message.monitor === peer.name ? message : []));
  }

  #sayBucket(bucket: number): void {
    const content: BucketMessage['content'] = { incarnation: 1, version: this.#versions[bucket] ?? 0, claims: {} };
    this.#link.say({ kind: 'bucket', monitor: this.name, bucket, content });
  }
}

function header(beat: number): Header {
  return {
    ...{ host_key: 'a'.repeat(32), incarnation: 1, session: 0, beat, site: 'home', tags: [], capacity: 10 },
    ...{ policy: { monitors_per_device: 3, snmp_per_device: 1, mode: 'spread' }, probe_age_s: null },
    ...{ probing: true, isolated: false, claims: { version: 0, count: 0, digest: '0'.repeat(16) } },
    ...{ seen: {}, intents: '0'.repeat(16) },
  };
}

function broker(name: string): Mosquitto {
  const found = brokers.get(name);
  if (found === undefined) throw new Error(`no broker ${name}`);
  return found;
}

async function monitor(
  name: string,
  user?: { readonly username: string; readonly password: string },
): Promise<Monitor> {
  const proxy = new TcpProxy(broker(name).port);
  await proxy.start();
  releases.push(() => proxy.stop());
  const made = new Monitor(name, proxy, user);
  releases.push(() => made.stop());
  await made.start();
  return made;
}

async function site(): Promise<[Monitor, Monitor, Monitor]> {
  brokers = await startBridgedMosquittos(MONITORS);
  return [await monitor('one'), await monitor('two'), await monitor('three')];
}

/** Asks again, as who lacks something does, until nothing lacks. */
async function converges(listener: Monitor, speaker: Monitor): Promise<void> {
  await eventually(() => {
    const complete = listener.versionsOf(speaker).every((version, bucket) => version === speaker.versions[bucket]);
    if (!complete) listener.ask(speaker);
    expect(complete).toBe(true);
  });
}

describe('the MQTT link over bridged Mosquittos', () => {
  test('brings each monitor what every other says, once', TEST, async () => {
    const monitors = await site();
    for (const each of monitors) {
      await eventually(() => {
        each.beat();
        for (const other of monitors) if (other !== each) expect(other.hears(each, 'header').length).toBeGreaterThan(0);
      });
      for (const bucket of [0, 17, 255]) each.change(bucket);
    }
    for (const each of monitors) {
      for (const other of monitors) {
        if (other === each) continue;
        await eventually(() => expect(other.hears(each, 'bucket')).toHaveLength(3));
      }
    }
    await pause(1_000);
    for (const each of monitors) {
      expect(each.hears(each, 'bucket')).toEqual([]);
      for (const other of monitors) if (other !== each) expect(other.hears(each, 'bucket')).toHaveLength(3);
    }
  });

  test('tells the peers of a monitor that died, by the will for that session', TEST, async () => {
    const [one, two, three] = await site();
    await eventually(() => {
      one.beat();
      for (const peer of [two, three]) expect(peer.hears(one, 'header').length).toBeGreaterThan(0);
    });
    await one.die();
    for (const peer of [two, three]) {
      const offline = { kind: 'offline', monitor: 'one', incarnation: 1, session: 1 };
      await eventually(() => expect(peer.hears(one, 'offline')).toEqual([offline]));
    }
  });

  test(
    'lets a frozen peer delay no other, and have everything once it thaws, though its queue was too short',
    TEST,
    async () => {
      const [one, two, three] = await site();
      one.change(0);
      await converges(two, one);
      await converges(three, one);
      broker('two').freeze();
      // Four times the 1,000 messages that Mosquitto queues for a bridge.
      for (let round = 0; round < 16; round += 1)
        for (let bucket = 0; bucket < BUCKETS; bucket += 1) one.change(bucket);
      await converges(three, one);
      broker('two').thaw();
      await converges(two, one);
    },
  );

  test(
    'works where each peer has a user that may write below its own monitor only, and read nothing',
    TEST,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'users-'));
      releases.push(() => rm(folder, { recursive: true }));
      const [passwords, acl] = [join(folder, 'passwords'), join(folder, 'acl')];
      const password = 'a-secret-of-the-site';
      for (const [index, user] of ['assign', ...MONITORS].entries()) {
        execFileSync('mosquitto_passwd', ['-b', ...(index === 0 ? ['-c'] : []), passwords, user, password], {
          stdio: 'pipe',
        });
      }
      const peers = MONITORS.map((name) => `user ${name}\ntopic write guaita/monitor/${name}/#\n`);
      await writeFile(acl, ['user assign\ntopic readwrite guaita/#\n', ...peers].join('\n'));
      const config = `allow_anonymous false\npassword_file ${passwords}\nacl_file ${acl}`;
      brokers = await startBridgedMosquittos(MONITORS, { config, password });
      const user = { username: 'assign', password };
      const [one, two] = [await monitor('one', user), await monitor('two', user)];
      one.change(7);
      two.change(8);
      await converges(two, one);
      await converges(one, two);
      const refused: string[] = [];
      const intruder = new MqttBus({
        ...{ url: broker('one').url, clientId: 'intruder', username: 'two', password, log: () => {} },
        onRejected: ({ topic }) => refused.push(topic),
      });
      releases.push(() => intruder.stop());
      await intruder.start();
      const overheard: string[] = [];
      await intruder.subscribe('guaita/#', ({ topic }) => overheard.push(topic));
      const topics = ['monitor/one/claims/00', 'monitor/three/claims/00', 'cluster/two', 'command/monitors/forget'];
      for (const topic of topics) intruder.publish({ topic: `guaita/${topic}`, payload: '{}', qos: 1, retain: true });
      await eventually(() => expect(refused).toHaveLength(topics.length));
      one.change(9);
      await converges(two, one);
      expect(overheard).toEqual([]);
    },
  );

  test('gives everything again to a peer whose broker came back empty', TEST, async () => {
    const [one, two] = await site();
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) one.change(bucket);
    await converges(two, one);
    await broker('two').kill();
    await broker('two').restart({ empty: true });
    two.heard.length = 0;
    await eventually(() => expect(two.connected).toBe(true));
    await converges(two, one);
    // And its own part is back there too.
    two.change(3);
    await converges(one, two);
  });
});
