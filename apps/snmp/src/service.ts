import { channels, type Assigned } from '@guaita/messages';
import type { Id, SnmpObservation } from '@guaita/model';
import { NameCache, Schedule, type Lookup } from '@guaita/probing';
import type { Service, ServiceContext, Timer } from '@guaita/service';
import { Lanes, type Lane } from './lanes.ts';
import { SnmpMetrics } from './metrics.ts';
import { PolledDevice, type OpenSession } from './polled-device.ts';
import { readyProfile, type ReadyProfile, type SnmpConfig } from './profiles.ts';
import { SessionPool } from './session-pool.ts';

/** What differs between production and a test, beside the context. */
export interface SnmpParts {
  readonly lookup: Lookup;
  /** Opens sessions; `stop` releases what they share. */
  readonly transport: { open: OpenSession; stop(): void };
}

/** Told of every datagram that is not an answer as it should be. */
export type MakeParts = (onBadDatagram: (cause: string) => void, onFailure: (error: Error) => void) => SnmpParts;

/** How often the schedule is looked at: no interval is shorter than a second. */
const LOOK_MS = 500;

/** A name that nobody needs any more does no harm for a minute. */
const FORGET_NAMES_EVERY_MS = 60_000;

/** A poll that lasts so many intervals is given up: what it would say had expired. */
const MOST_INTERVALS = 3;

/** A device whose last poll took longer waits with those that do not answer. */
const PROMPT_MS = 2_000;

interface Watched {
  readonly device: PolledDevice;
  /** The assignment, to tell a repetition from a change. */
  readonly said: string;
  lane: Lane;
  polling: boolean;
  lastState: SnmpObservation['state'] | undefined;
}

/** Polls the devices assigned to this monitor by SNMP and says what it sees. */
export class SnmpService implements Service {
  readonly #context: ServiceContext;
  readonly #profiles: ReadonlyMap<string, ReadyProfile>;
  readonly #makeParts: MakeParts;
  readonly #watched = new Map<Id, Watched>();
  readonly #schedule = new Schedule();
  readonly #lanes: Lanes;
  readonly #pool: SessionPool;
  readonly #polls = new Set<Promise<void>>();
  #metrics: SnmpMetrics | undefined;
  #parts: SnmpParts | undefined;
  #names: NameCache | undefined;
  #forgotNames_ms = -Infinity;
  #unhear: (() => Promise<void>) | undefined;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(context: ServiceContext, config: SnmpConfig, makeParts: MakeParts) {
    this.#context = context;
    this.#profiles = new Map(
      Object.entries(config.profiles).map(([name, profile]) => [name, readyProfile(name, profile)]),
    );
    this.#makeParts = makeParts;
    this.#lanes = new Lanes(config.max_concurrent);
    // A poll under way must not lose its session to another.
    this.#pool = new SessionPool(Math.max(config.max_sessions, config.max_concurrent));
  }

  async start(): Promise<void> {
    const { wire, monitor, clock, log, health, metrics } = this.#context;
    this.#metrics = new SnmpMetrics(metrics, {
      devices: () => this.#schedule.size,
      waiting: () => this.#lanes.waiting,
      sessions: () => this.#pool.size,
    });
    this.#parts = this.#makeParts(
      (cause) => {
        this.#metrics?.badDatagrams.inc();
        log.debug({ cause }, 'a datagram from an agent was no valid answer');
      },
      (error) => log.warn({ cause: error.message }, 'the UDP socket failed; another one is opened'),
    );
    this.#names = new NameCache(this.#parts.lookup, clock);
    this.#unhear = await wire.hear(channels.assigned, { monitor }, ({ parameters, value }) => {
      this.#assign(parameters.device, value);
    });
    health.report('snmp', true, 'polls what is assigned');
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#unhear?.();
    for (const { device } of this.#watched.values()) device.release();
    this.#pool.close();
    await Promise.all(this.#polls);
    this.#parts?.transport.stop();
  }

  #assign(id: Id, assigned: Assigned | undefined): void {
    const parts = this.#parts;
    const names = this.#names;
    if (this.#stopped || parts === undefined || names === undefined) return;
    const check = assigned?.checks.snmp;
    const known = this.#watched.get(id);
    if (assigned === undefined || check === undefined) {
      if (known !== undefined) this.#release(id, known);
      return;
    }
    const said = JSON.stringify([assigned.addresses, check]);
    if (known?.said === said) return;
    known?.device.release();
    const { clock } = this.#context;
    const device = new PolledDevice(id, assigned, check, {
      profiles: this.#profiles,
      names,
      pool: this.#pool,
      openSession: parts.transport.open,
      now_ms: () => clock.now_ms(),
      monotonic_ms: () => clock.monotonic_ms(),
    });
    this.#watched.set(id, { device, said, lane: 'new', polling: false, lastState: undefined });
    // A device that changed is as good as new.
    this.#lanes.withdraw(id);
    this.#schedule.delete(id);
    this.#schedule.set(id, check.interval_s, clock.monotonic_ms());
    this.#lookSoon();
  }

  #release(id: Id, { device }: Watched): void {
    const { wire, monitor } = this.#context;
    this.#watched.delete(id);
    this.#schedule.delete(id);
    this.#lanes.withdraw(id);
    device.release();
    wire.clear(channels.snmp, { monitor, device: id });
  }

  /** Assignments come in thousands at a start: one look for all that came in the same turn of the event loop. */
  #lookSoon(): void {
    this.#timer?.cancel();
    this.#timer = this.#context.clock.after(0, () => this.#look());
  }

  #look(): void {
    if (this.#stopped) return;
    const { clock } = this.#context;
    const now_ms = clock.monotonic_ms();
    for (const id of this.#schedule.due(now_ms)) {
      const watched = this.#watched.get(id);
      // A device whose name is looked up first takes no place meanwhile.
      if (watched === undefined || !watched.device.ready(() => this.#schedule.again(id, clock.monotonic_ms())))
        continue;
      if (watched.polling || !this.#lanes.enter(id, watched.lane)) this.#metrics?.skipped.inc();
    }
    this.#fill();
    this.#timer?.cancel();
    this.#timer = clock.after(LOOK_MS, () => this.#look());
    if (now_ms - this.#forgotNames_ms >= FORGET_NAMES_EVERY_MS) this.#forgetNames(now_ms);
  }

  #forgetNames(now_ms: number): void {
    this.#forgotNames_ms = now_ms;
    if ((this.#names?.size ?? 0) === 0) return;
    const needed = new Set<string>();
    for (const { device } of this.#watched.values()) for (const address of device.addresses) needed.add(address);
    this.#names?.keepOnly(needed);
  }

  /** Starts polls while there are places. */
  #fill(): void {
    for (;;) {
      const next = this.#stopped ? undefined : this.#lanes.next();
      if (next === undefined) return;
      const watched = this.#watched.get(next.key);
      if (watched === undefined || watched.polling) {
        this.#lanes.leave(next.lane);
        continue;
      }
      const poll = this.#poll(next.key, watched).finally(() => {
        this.#polls.delete(poll);
        this.#lanes.leave(next.lane);
        this.#fill();
      });
      this.#polls.add(poll);
    }
  }

  async #poll(id: Id, watched: Watched): Promise<void> {
    const { wire, monitor, clock, log } = this.#context;
    const { check } = watched.device;
    watched.polling = true;
    const started_ms = clock.monotonic_ms();
    const deadline = clock.after(check.interval_s * MOST_INTERVALS * 1000, () => watched.device.interrupt());
    try {
      const observation = await watched.device.poll();
      const took_ms = clock.monotonic_ms() - started_ms;
      this.#metrics?.seconds.observe(took_ms / 1000);
      this.#metrics?.polls.inc({ state: observation.state });
      watched.lane = observation.state !== 'up' || took_ms > PROMPT_MS ? 'slow' : 'prompt';
      if (this.#stopped || this.#watched.get(id) !== watched) return;
      if (observation.state !== watched.lastState) {
        const { state, reason, address } = observation;
        log.info({ device: id, state, address, ...(reason === undefined ? {} : { reason }) }, 'SNMP state changed');
        watched.lastState = state;
      }
      wire.say(channels.snmp, { monitor, device: id }, observation, check.interval_s);
    } catch (error) {
      log.error({ device: id, cause: error instanceof Error ? error.stack : String(error) }, 'an SNMP poll failed');
    } finally {
      deadline.cancel();
      watched.polling = false;
    }
  }
}
