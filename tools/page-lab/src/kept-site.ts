import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MqttBus, Wire } from '@guaita/bus';
import { channels, type DeviceSpec } from '@guaita/messages';
import type { VerdictState } from '@guaita/model';
import {
  createLogger,
  createMetrics,
  ManualClock,
  parseConfig,
  startServices,
  type RunningServices,
} from '@guaita/service';
import { storage } from '@guaita/storage';

const DAY_ms = 86_400_000;
/** How soon storage looks whether a day is over. */
const LOOK_ms = 30_000;
/** How soon it looks whether there is something to roll up. */
const ROLL_ms = 10 * 60_000;
/** A broker queues no more than a thousand messages for who does not read as fast as others write. */
const AT_ONCE = 500;
const PATIENCE_ms = 60_000;
const POLL_ms = 20;

/** A clock that can be set ahead: nothing that was due in between is done. */
class SetClock extends ManualClock {
  #ahead_ms = 0;

  override now_ms(): number {
    return super.now_ms() + this.#ahead_ms;
  }

  set(to_ms: number): void {
    this.#ahead_ms += to_ms - this.now_ms();
  }
}

/** What one monitor saw of a device at a time: so many of four replies. */
export interface KeptProbe {
  readonly monitor: string;
  readonly device: string;
  readonly at_ms: number;
  readonly rtt_ms: number;
  readonly received: number;
}

export interface KeptSiteOptions {
  /** The built page. */
  readonly page: string;
  readonly brokerUrl: string;
  /** Where its time begins. */
  readonly from_ms: number;
}

/** The storage service as in production, page and all, which lives through days in moments: what it tells it has kept itself. */
export class KeptSite {
  readonly #options: KeptSiteOptions;
  readonly #clock: SetClock;
  readonly #metrics = createMetrics();
  readonly #wire: Wire;
  readonly #said = { ping: 0, verdict: 0 };
  #data = '';
  #services: RunningServices | undefined;

  constructor(options: KeptSiteOptions) {
    this.#options = options;
    this.#clock = new SetClock(options.from_ms);
    this.#wire = new Wire(new MqttBus({ url: options.brokerUrl, clientId: 'a-site', log: () => {} }), (error) => {
      throw error;
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#services?.httpPort}`;
  }

  async start(): Promise<void> {
    const { page, brokerUrl } = this.#options;
    this.#data = await mkdtemp(join(tmpdir(), 'guaita-kept-'));
    const text = JSON.stringify({
      ...{ monitor: 'pi-1', data: this.#data, http: { port: 0 }, mqtt: { url: brokerUrl } },
      storage: { page },
    });
    const file = { name: 'guaita.yaml', text };
    const result = parseConfig({ definitions: [storage], file, env: {}, flags: [], hostName: 'x', readFile: () => '' });
    if ('problems' in result) throw new Error('the configuration of the site is wrong');
    await this.#wire.bus.start(AbortSignal.timeout(PATIENCE_ms));
    this.#services = await startServices([storage], result.config, {
      ...{ log: createLogger({ level: 'error', format: 'json' }), clock: this.#clock, metrics: this.#metrics },
    });
  }

  async stop(): Promise<void> {
    await this.#services?.stop();
    await this.#wire.bus.stop(500);
    await rm(this.#data, { recursive: true, force: true });
  }

  spec(device: string, fields: Partial<DeviceSpec>): void {
    const spec = { device, name: device, addresses: ['192.0.2.1'], parents: [], tags: [], monitors: [] };
    this.#wire.say(channels.spec, { device }, { ...spec, checks: {}, source: 'a test', ...fields });
  }

  /** Says what was seen, and waits until it is in the journal. */
  async probes(probes: readonly KeptProbe[]): Promise<void> {
    for (let from = 0; from < probes.length; from += AT_ONCE) {
      const some = probes.slice(from, from + AT_ONCE);
      for (const { monitor, device, at_ms, rtt_ms, received } of some) {
        const isBack = received > 0;
        this.#wire.say(
          channels.ping,
          { monitor, device },
          {
            ...{ at: iso(at_ms), address: '192.0.2.1', sent: 4, received, loss_percent: (1 - received / 4) * 100 },
            rtt_min_ms: isBack ? rtt_ms - 1 : null,
            rtt_avg_ms: isBack ? rtt_ms : null,
            rtt_max_ms: isBack ? rtt_ms + 2 : null,
            jitter_ms: isBack ? 0.5 : null,
            state: isBack ? 'up' : 'down',
          },
          60,
        );
      }
      await this.#kept('ping', some.length);
    }
  }

  /** Says what all think of a device, and waits until it is in the journal. */
  async verdict(device: string, state: VerdictState, since_ms: number): Promise<void> {
    const said = { state, since: iso(since_ms), reason: `it is ${state}`, episode: 1, seen_by: [] };
    this.#wire.say(channels.state, { device }, said);
    await this.#kept('verdict', 1);
  }

  /** It becomes so late; where that is another day, what was received before is sealed. */
  async becomes(to_ms: number): Promise<void> {
    const before = this.#clock.now_ms();
    this.#clock.set(to_ms);
    if (Math.floor(before / DAY_ms) === Math.floor(to_ms / DAY_ms)) return;
    await this.#clock.advance(LOOK_ms);
    const day = iso(before).slice(0, 10);
    await this.#until(async () => (await this.#files('ping', day)).length > 0, `${day} is not sealed`);
  }

  /** Waits until all days that are over are rolled up; it is as late then as it was before. */
  async rolledUp(): Promise<void> {
    const now_ms = this.#clock.now_ms();
    this.#clock.set(now_ms - ROLL_ms);
    await this.#clock.advance(ROLL_ms);
    for (const day of await readdir(join(this.#data, 'history', 'ping'))) {
      // What is heard soon after midnight is waited for.
      if (Date.parse(day) + DAY_ms + ROLL_ms > now_ms) continue;
      // The shortest are made last.
      await this.#until(async () => (await this.#files('ping-5m', day)).length > 0, `${day} is not rolled up`);
    }
  }

  async #files(kind: string, period: string): Promise<string[]> {
    const names = await readdir(join(this.#data, 'history', kind, period)).catch(() => []);
    return names.filter((name) => name.endsWith('.parquet') && !name.startsWith('.'));
  }

  async #kept(kind: 'ping' | 'verdict', more: number): Promise<void> {
    this.#said[kind] += more;
    await this.#until(async () => (await this.#stored(kind)) >= this.#said[kind], `not all of ${kind} is kept`);
  }

  async #stored(kind: string): Promise<number> {
    const found = await this.#metrics.getSingleMetric('guaita_storage_rows_total')?.get();
    return found?.values.find(({ labels }) => labels['kind'] === kind)?.value ?? 0;
  }

  async #until(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
    const deadline_ms = performance.now() + PATIENCE_ms;
    while (!(await holds())) {
      if (performance.now() > deadline_ms) throw new Error(`${otherwise} after ${PATIENCE_ms / 1000} s`);
      await pause(POLL_ms);
    }
  }
}

function iso(at_ms: number): string {
  return new Date(at_ms).toISOString();
}
