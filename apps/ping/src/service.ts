import { networkInterfaces } from 'node:os';
import { channels, type Assigned } from '@guaita/messages';
import type { Id, PingObservation } from '@guaita/model';
import type { Service, ServiceContext, Timer } from '@guaita/service';
import { AnchorWatch } from './anchor-watch.ts';
import type { PingConfig } from './config.ts';
import { addressesToProbe, judge, type Outcome } from './confirmation.ts';
import type { ProbeEngine } from './engine/engine.ts';
import { FpingEngine } from './engine/fping.ts';
import { PingPackageEngine } from './engine/ping-package.ts';
import { startFirst } from './engine/start.ts';
import { defaultGateways } from './gateways.ts';
import { PingMetrics } from './metrics.ts';
import { Permission } from './permission.ts';
import { observationOf, ProbeRound, type RoundResult } from './probe-round.ts';
import { DEFAULT_RESOLVE_POLICY, NameCache, type Lookup } from './resolve.ts';
import { Schedule } from './schedule.ts';
import { systemLookup } from './system-lookup.ts';
import { WatchedDevice } from './watched-device.ts';

const TICK_MS = 1000;
/** Assignments come in bursts: those of a tenth of a second go into one batch. */
const GATHER_MS = 100;
/** Who depends on this service takes it for stopped when it has said nothing for 10 s: one message may be lost. */
const SAY_PROBING_EVERY_MS = 5000;
/**
 * After a reconnection the broker sends all assignments again, within moments. What it has not sent when it has been
 * quiet for this long was released while we were away.
 */
const RESENT_WITHIN_MS = 10_000;

/** What the service takes from its host; passed in, so that tests decide. */
export interface PingHost {
  readonly engines: readonly ProbeEngine[];
  readonly lookup: Lookup;
  readonly gateways: () => Promise<readonly string[]>;
  /** This host's own addresses with their prefix lengths. */
  readonly ownAddresses: () => readonly string[];
}

/** The real host. */
export function systemHost(config: PingConfig): PingHost {
  const fping = new FpingEngine({ maxProcesses: config.max_processes });
  const ping = new PingPackageEngine({ parallel: config.max_processes });
  return {
    engines: config.engine === 'auto' ? [fping, ping] : [config.engine === 'fping' ? fping : ping],
    lookup: systemLookup,
    gateways: () => (config.gateway_anchor ? defaultGateways() : Promise.resolve([])),
    ownAddresses: () =>
      Object.values(networkInterfaces()).flatMap((interfaces) => (interfaces ?? []).flatMap(({ cidr }) => cidr ?? [])),
  };
}

/** Pings the devices that are assigned to this monitor, and says what it sees. */
export class PingService implements Service {
  readonly #context: ServiceContext;
  readonly #config: PingConfig;
  readonly #host: PingHost;
  readonly #devices = new Map<Id, WatchedDevice>();
  readonly #schedule: Schedule;
  readonly #names: NameCache;
  readonly #releases: (() => Promise<void> | void)[] = [];
  #own: ReadonlySet<string> = new Set();
  #ownText = '';
  #permission: Permission;
  #engine: ProbeEngine | undefined;
  #anchors: AnchorWatch | undefined;
  #metrics: PingMetrics | undefined;
  #timer: Timer | undefined;
  #nextTick_ms = 0;
  #gathering: Timer | undefined;
  #saidProbing_ms = -Infinity;
  #lastProbe_ms: number | undefined;
  #resent: { quietSince_ms: number | undefined; any: boolean } | undefined;
  #written = { at_ms: NaN, text: '' };
  #stopped = false;

  constructor(context: ServiceContext, config: PingConfig, host: PingHost = systemHost(config)) {
    this.#context = context;
    this.#config = config;
    this.#host = host;
    this.#schedule = new Schedule(config.burst_per_s);
    this.#names = new NameCache(host.lookup, context.clock, {
      ...DEFAULT_RESOLVE_POLICY,
      ttl_s: config.resolve_ttl_s,
      negative_ttl_s: Math.min(DEFAULT_RESOLVE_POLICY.negative_ttl_s, config.resolve_ttl_s),
    });
    this.#permission = this.#permissionFor([]);
  }

  async start(signal: AbortSignal): Promise<void> {
    const { clock, health, log, metrics, monitor, wire } = this.#context;
    const engine = await startFirst(this.#host.engines, log, health);
    this.#engine = engine;
    this.#releases.push(() => engine.stop());
    signal.throwIfAborted();
    const counted = new PingMetrics(metrics, () => engine.busy);
    this.#metrics = counted;
    this.#releases.push(() => counted.remove());
    this.#readOwnAddresses();

    const anchors = new AnchorWatch({
      engine,
      clock,
      names: this.#names,
      permission: () => this.#permission,
      policy: this.#config,
      interval_s: this.#config.anchor_interval_s,
      configured: this.#config.anchors,
      gateways: this.#host.gateways,
      onLook: ({ changed, probed }) => {
        if (probed) this.#lastProbe_ms = clock.now_ms();
        this.#readOwnAddresses();
        if (changed) this.#sayProbing();
      },
    });
    this.#anchors = anchors;
    this.#releases.push(() => anchors.stop());
    await anchors.start();
    signal.throwIfAborted();

    this.#nextTick_ms = nextSecond(clock.monotonic_ms());
    this.#scheduleTick();
    this.#releases.push(() => {
      this.#timer?.cancel();
      this.#gathering?.cancel();
    });
    this.#sayProbing();
    this.#releases.push(wire.bus.onConnection((connected) => this.#onConnection(connected)));
    this.#releases.push(
      await wire.hear(channels.assigned, { monitor }, ({ parameters, value }) => {
        this.#onAssigned(parameters.device, value);
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const failures: unknown[] = [];
    for (const release of this.#releases.splice(0).reverse()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'the ping service could not release everything');
  }

  #onAssigned(device: Id, assigned: Assigned | undefined): void {
    if (this.#stopped) return;
    const now_ms = this.#context.clock.monotonic_ms();
    if (this.#resent !== undefined) this.#resent = { quietSince_ms: now_ms, any: true };
    const check = assigned?.checks.ping;
    const known = this.#devices.get(device);
    if (assigned === undefined || check === undefined) {
      if (known !== undefined) this.#release(known);
      return;
    }
    const assignment = { addresses: assigned.addresses, check };
    if (known === undefined) {
      this.#devices.set(device, new WatchedDevice(device, assignment));
      this.#metrics?.devices.set(this.#devices.size);
    } else {
      known.heard = true;
      if (known.assign(assignment)) this.#schedule.again(device, now_ms);
    }
    this.#schedule.set(device, check.interval_s, now_ms);
    if (this.#schedule.behind) this.#gathering ??= this.#context.clock.after(GATHER_MS, () => this.#gathered());
  }

  #release(device: WatchedDevice): void {
    const { monitor, wire } = this.#context;
    this.#devices.delete(device.device);
    this.#schedule.delete(device.device);
    this.#metrics?.devices.set(this.#devices.size);
    this.#tell(() => wire.clear(channels.ping, { monitor, device: device.device }));
  }

  #gathered(): void {
    this.#gathering = undefined;
    this.#probeDue(this.#context.clock.monotonic_ms());
  }

  #onConnection(connected: boolean): void {
    if (connected) {
      if (this.#resent !== undefined) this.#resent.quietSince_ms = this.#context.clock.monotonic_ms();
      return;
    }
    // Here and not when it is back: the bus may tell of that after it has given us what was sent again.
    for (const device of this.#devices.values()) device.heard = false;
    this.#resent = { quietSince_ms: undefined, any: false };
  }

  /** Releases what was released while the broker was away. A broker that came back empty proves nothing. */
  #releaseUnheard(now_ms: number): void {
    const since_ms = this.#resent?.quietSince_ms;
    if (since_ms === undefined || now_ms - since_ms < RESENT_WITHIN_MS || !this.#context.wire.bus.connected) return;
    const any = this.#resent?.any ?? false;
    this.#resent = undefined;
    if (!any) return;
    for (const device of this.#devices.values()) if (!device.heard) this.#release(device);
  }

  #scheduleTick(): void {
    if (this.#stopped) return;
    const wait_ms = Math.max(0, this.#nextTick_ms - this.#context.clock.monotonic_ms());
    this.#timer = this.#context.clock.after(wait_ms, () => this.#tick());
  }

  #tick(): void {
    const now_ms = this.#context.clock.monotonic_ms();
    // Timers may fire a fraction early: the turn is that of the second that was meant.
    const turn_ms = Math.max(now_ms, this.#nextTick_ms);
    this.#metrics?.lag_s.set((turn_ms - this.#nextTick_ms) / 1000);
    this.#nextTick_ms = nextSecond(turn_ms);
    this.#scheduleTick();
    this.#probeDue(turn_ms);
    this.#releaseUnheard(now_ms);
    if (now_ms - this.#saidProbing_ms >= SAY_PROBING_EVERY_MS) this.#sayProbing();
  }

  #probeDue(now_ms: number): void {
    const engine = this.#engine;
    const metrics = this.#metrics;
    if (engine === undefined || metrics === undefined || this.#stopped) return;
    const due = this.#schedule.due(now_ms);
    metrics.due.set(due.length);
    const targets = due.flatMap((key) => this.#startRound(this.#devices.get(key))?.targets ?? []);
    if (targets.length === 0) return;
    const ended = metrics.batch_s.startTimer();
    void engine.probe(targets, (target, result) => target.round.take(target, result)).then(() => ended());
  }

  #startRound(device: WatchedDevice | undefined): ProbeRound | undefined {
    if (device === undefined) return undefined;
    if (device.probing) {
      this.#metrics?.overlapping.inc();
      return undefined;
    }
    const reachable = device.reachable(this.#names, this.#permission, () => {
      this.#schedule.again(device.device, this.#context.clock.monotonic_ms());
    });
    switch (reachable.kind) {
      case 'pending':
        return undefined;
      case 'nowhere':
        this.#metrics?.unknown.inc();
        this.#say(device, observationOf(this.#time(), 'unknown', null, [], reachable.reason));
        return undefined;
      case 'addresses': {
        device.probing = true;
        const addresses = addressesToProbe(device.standing, reachable.addresses);
        return new ProbeRound(device, addresses, (_round, result) => this.#onRound(device, result));
      }
    }
  }

  #onRound(device: WatchedDevice, { outcome, address, rtts_ms, reason }: RoundResult): void {
    device.probing = false;
    if (this.#stopped || this.#devices.get(device.device) !== device) return;
    const { clock } = this.#context;
    this.#count(outcome);
    if (outcome.kind !== 'untold') this.#lastProbe_ms = clock.now_ms();
    if (outcome.kind === 'answered' && !this.#own.has(address)) this.#anchors?.answered(address);
    if (outcome.kind === 'silent' && device.standing.state !== 'down') this.#anchors?.lookSoon();

    const cutOff = outcome.kind === 'silent' && (this.#anchors?.doubtful ?? false);
    const judgement = judge(device.standing, cutOff ? { kind: 'untold' } : outcome, this.#config);
    device.standing = judgement.standing;
    if (judgement.askAgain_s !== undefined) {
      this.#schedule.again(device.device, clock.monotonic_ms() + judgement.askAgain_s * 1000);
    }
    const why = cutOff ? 'no anchor answers either: this monitor may be cut off' : reason;
    const waits = judgement.state !== 'down' && judgement.askAgain_s !== undefined;
    const explained = waits && !cutOff ? `${why}; being confirmed` : why;
    this.#say(device, observationOf(this.#time(), judgement.state, address, rtts_ms, explained));
  }

  #count({ kind }: Outcome): void {
    const metrics = this.#metrics;
    metrics?.probes.inc();
    if (kind === 'answered') metrics?.answered.inc();
    else if (kind === 'silent') metrics?.silent.inc();
    else metrics?.unknown.inc();
  }

  #say({ device, check }: WatchedDevice, observation: PingObservation): void {
    const { monitor, wire } = this.#context;
    this.#tell(() => wire.say(channels.ping, { monitor, device }, observation, check.interval_s));
  }

  #sayProbing(): void {
    if (this.#stopped) return;
    const { clock, monitor, wire } = this.#context;
    this.#saidProbing_ms = clock.monotonic_ms();
    const last_ms = this.#lastProbe_ms;
    this.#tell(() =>
      wire.say(
        channels.probing,
        { monitor },
        {
          at: this.#time(),
          isolated: this.#anchors?.isolated ?? false,
          anchors: (this.#anchors?.states ?? []).map(({ address, state }) => ({ address, state })),
          last_probe_at: last_ms === undefined ? null : new Date(last_ms).toISOString(),
          devices: this.#devices.size,
        },
      ),
    );
  }

  /** Says something; a bus that takes nothing more is reported, and does not end the probing. */
  #tell(say: () => void): void {
    try {
      say();
    } catch (error) {
      this.#context.log.error({ err: error }, 'an observation could not be said');
    }
  }

  #readOwnAddresses(): void {
    const own = this.#host.ownAddresses();
    const text = own.join(' ');
    if (text === this.#ownText) return;
    this.#ownText = text;
    this.#own = new Set(own.map((cidr) => cidr.slice(0, cidr.indexOf('/'))));
    this.#permission = this.#permissionFor(own);
  }

  #permissionFor(own: readonly string[]): Permission {
    const { allowed_networks: allowed, denied_networks: denied } = this.#config;
    return new Permission({ allowed, denied, own });
  }

  /** Now. Results come many at a time, and to write a date costs as much as the rest of an observation. */
  #time(): string {
    const now_ms = Math.floor(this.#context.clock.now_ms());
    if (now_ms !== this.#written.at_ms) this.#written = { at_ms: now_ms, text: new Date(now_ms).toISOString() };
    return this.#written.text;
  }
}

function nextSecond(now_ms: number): number {
  return (Math.floor(now_ms / TICK_MS) + 1) * TICK_MS;
}
