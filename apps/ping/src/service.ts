import { channels, type Assigned } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { DEFAULT_RESOLVE_POLICY, NameCache, Schedule } from '@guaita/probing';
import { endInTurn, RollCall, type Service, type ServiceContext, type Timer } from '@guaita/service';
import { AnchorWatch } from './anchor-watch.ts';
import type { PingConfig } from './config.ts';
import { addressesToProbe, judge } from './confirmation.ts';
import type { ProbeEngine } from './engine/engine.ts';
import { startFirst } from './engine/start.ts';
import { systemHost, type PingHost } from './host.ts';
import { PingMetrics } from './metrics.ts';
import { OwnNetwork } from './own-network.ts';
import { ProbeRound, type RoundResult } from './probe-round.ts';
import { Ticker } from './ticker.ts';
import { Voice } from './voice.ts';
import { WatchedDevice } from './watched-device.ts';

/** Assignments come in bursts: those of a tenth of a second go into one batch. */
const GATHER_MS = 100;
/** Who depends on this service takes it for stopped when it has said nothing for 10 s: one message may be lost. */
const SAY_PROBING_EVERY_MS = 5000;
/** A name that nobody needs any more does no harm for a minute. */
const FORGET_NAMES_EVERY_MS = 60_000;

/**
 * A tick is due each second. One that comes so much later means that this host stood still, and the answers to what was
 * asked before may have been lost meanwhile: they are asked for again.
 */
const STOOD_STILL_MS = 3000;

/** Pings the devices that are assigned to this monitor, and says what it sees. */
export class PingService implements Service {
  readonly #context: ServiceContext;
  readonly #config: PingConfig;
  readonly #host: PingHost;
  readonly #devices = new Map<Id, WatchedDevice>();
  readonly #schedule: Schedule;
  readonly #names: NameCache;
  readonly #own: OwnNetwork;
  readonly #voice: Voice;
  readonly #rollCall = new RollCall();
  readonly #releases: (() => Promise<void> | void)[] = [];
  #engine: ProbeEngine | undefined;
  #anchors: AnchorWatch | undefined;
  #metrics: PingMetrics | undefined;
  #gathering: Timer | undefined;
  #saidProbing_ms = -Infinity;
  #forgotNames_ms = -Infinity;
  #lastProbe_ms: number | undefined;
  /** When this was last seen to go on, and since when it has without a halt. */
  #awake_ms = Infinity;
  #goesOnSince_ms = -Infinity;
  #ending = false;

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
    this.#own = new OwnNetwork(config, host.ownAddresses);
    this.#voice = new Voice(context);
  }

  /**
   * @param signal aborts as soon as the process is asked to end, which may be long before `stop`: what was sent the same
   *   signal, as the programs that we started may be, ends at that moment, and its end says nothing of any device.
   */
  async start(signal: AbortSignal): Promise<void> {
    const { clock, health, log, metrics, monitor, wire } = this.#context;
    const onAbort = (): void => this.#end();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#releases.push(() => signal.removeEventListener('abort', onAbort));
    const engine = await startFirst(this.#host.engines, log, health);
    this.#engine = engine;
    this.#releases.push(() => engine.stop());
    signal.throwIfAborted();
    const counted = new PingMetrics(metrics, () => engine.busy);
    this.#metrics = counted;
    this.#releases.push(() => counted.remove());
    this.#own.look();

    const anchors = new AnchorWatch({
      engine,
      clock,
      names: this.#names,
      permission: () => this.#own.permission,
      policy: this.#config,
      interval_s: this.#config.anchor_interval_s,
      configured: this.#config.anchors,
      gateways: this.#host.gateways,
      onLook: ({ changed, probed }) => {
        if (probed) this.#lastProbe_ms = clock.now_ms();
        this.#own.look();
        if (changed) this.#sayProbing();
      },
    });
    this.#anchors = anchors;
    this.#releases.push(() => anchors.stop());
    await anchors.start();
    signal.throwIfAborted();

    const ticker = new Ticker(clock, (now_ms, late_ms) => this.#tick(now_ms, late_ms));
    ticker.start();
    this.#releases.push(() => {
      ticker.stop();
      this.#gathering?.cancel();
    });
    this.#sayProbing();
    this.#releases.push(wire.bus.onConnection((connected) => this.#onConnection(connected)));
    this.#releases.push(
      await wire.hear(channels.assigned, { monitor }, ({ parameters, value }) => {
        this.#onAssigned(parameters.device, value);
      }),
    );
    this.#releases.push(
      await wire.hear(channels.probeDevices, {}, ({ value, message }) => {
        // Commands are not kept: what is, nobody gives now.
        if (value !== undefined && !message.retain) this.#probeNow(value.devices);
      }),
    );
  }

  async stop(): Promise<void> {
    this.#end();
    const failures = await endInTurn(this.#releases.splice(0).reverse());
    if (failures.length > 0) throw new AggregateError(failures, 'the ping service could not release everything');
  }

  /** Abandons the probes under way: nothing is said of them. */
  #end(): void {
    this.#ending = true;
    this.#voice.fallSilent();
  }

  #onAssigned(device: Id, assigned: Assigned | undefined): void {
    if (this.#ending) return;
    const now_ms = this.#context.clock.monotonic_ms();
    this.#rollCall.hears(device, now_ms);
    const check = assigned?.checks.ping;
    const known = this.#devices.get(device);
    if (assigned === undefined || check === undefined) {
      if (known !== undefined) this.#release(device);
      return;
    }
    const assignment = { addresses: assigned.addresses, check };
    if (known === undefined) {
      this.#devices.set(device, new WatchedDevice(device, assignment));
      this.#metrics?.devices.set(this.#devices.size);
    } else if (known.assign(assignment)) this.#schedule.again(device, now_ms);
    this.#schedule.set(device, check.interval_s, now_ms);
    if (this.#schedule.behind) this.#gathering ??= this.#context.clock.after(GATHER_MS, () => this.#gathered());
  }

  /** What is not watched here is no mistake: others hear it too, and assign answers the operator. */
  #probeNow(devices: readonly Id[]): void {
    if (this.#ending) return;
    for (const device of devices) this.#schedule.soon(device);
    this.#gathering ??= this.#context.clock.after(GATHER_MS, () => this.#gathered());
  }

  #release(device: Id): void {
    this.#devices.delete(device);
    this.#schedule.delete(device);
    this.#metrics?.devices.set(this.#devices.size);
    this.#voice.released(device);
  }

  #gathered(): void {
    this.#gathering = undefined;
    this.#probeDue(this.#context.clock.monotonic_ms());
  }

  #onConnection(connected: boolean): void {
    if (connected) this.#rollCall.back(this.#context.clock.monotonic_ms());
    else this.#rollCall.begin();
  }

  #tick(now_ms: number, late_ms: number): void {
    if (this.#ending) return;
    this.#stayAwake();
    this.#metrics?.lag_s.set(late_ms / 1000);
    this.#probeDue(now_ms);
    for (const device of this.#rollCall.absent(this.#devices.keys(), now_ms)) this.#release(device);
    if (now_ms - this.#saidProbing_ms >= SAY_PROBING_EVERY_MS) this.#sayProbing();
    if (now_ms - this.#forgotNames_ms >= FORGET_NAMES_EVERY_MS) this.#forgetNames(now_ms);
  }

  /** Whoever stood still knows nothing of now: every device is probed anew, as fast as the burst allows. */
  #stayAwake(): void {
    const now_ms = this.#context.clock.monotonic_ms();
    if (now_ms - this.#awake_ms >= STOOD_STILL_MS) {
      this.#goesOnSince_ms = now_ms;
      for (const device of this.#devices.keys()) this.#schedule.soon(device);
    }
    this.#awake_ms = now_ms;
  }

  #forgetNames(now_ms: number): void {
    this.#forgotNames_ms = now_ms;
    if (this.#names.size === 0) return;
    const needed = new Set(this.#config.anchors);
    for (const { addresses } of this.#devices.values()) for (const address of addresses) needed.add(address);
    this.#names.keepOnly(needed);
  }

  #probeDue(now_ms: number): void {
    const engine = this.#engine;
    const metrics = this.#metrics;
    if (engine === undefined || metrics === undefined || this.#ending) return;
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
    const reachable = device.reachable(this.#names, this.#own.permission, () => {
      this.#schedule.again(device.device, this.#context.clock.monotonic_ms());
    });
    switch (reachable.kind) {
      case 'pending':
        return undefined;
      case 'nowhere':
        this.#metrics?.unknown.inc();
        this.#voice.seen(device, { state: 'unknown', address: null, rtts_ms: [], reason: reachable.reason });
        return undefined;
      case 'addresses': {
        device.probing = true;
        const addresses = addressesToProbe(device.standing, reachable.addresses);
        const began_ms = this.#context.clock.monotonic_ms();
        return new ProbeRound(device, addresses, (_round, result) => this.#onRound(device, began_ms, result));
      }
    }
  }

  #onRound(device: WatchedDevice, began_ms: number, { outcome, address, rtts_ms, reason, unsent }: RoundResult): void {
    device.probing = false;
    if (this.#ending || this.#devices.get(device.device) !== device) return;
    this.#stayAwake();
    if (began_ms < this.#goesOnSince_ms) {
      this.#schedule.soon(device.device);
      return;
    }
    const { clock } = this.#context;
    this.#metrics?.count(outcome);
    if (outcome.kind !== 'untold') this.#lastProbe_ms = clock.now_ms();
    if (outcome.kind === 'answered' && !this.#own.has(address)) this.#anchors?.answered(address);
    if (outcome.kind === 'silent') this.#anchors?.silent(address, unsent);
    const isConfirming = device.standing.silent > 0 && device.standing.state !== 'down';
    const cutOff = outcome.kind === 'silent' && (this.#anchors?.doubts(unsent, isConfirming) ?? false);
    if (outcome.kind === 'silent' && device.standing.state !== 'down') this.#anchors?.lookSoon();
    const judgement = judge(device.standing, cutOff ? { kind: 'untold' } : outcome, this.#config);
    device.standing = judgement.standing;
    if (judgement.askAgain_s !== undefined) {
      this.#schedule.again(device.device, clock.monotonic_ms() + judgement.askAgain_s * 1000);
    }
    const doubt = unsent ? 'there is no route to anybody' : 'no anchor answers either';
    const why = cutOff ? `${doubt}: this monitor may be cut off` : reason;
    const waits = judgement.state !== 'down' && judgement.askAgain_s !== undefined;
    const explained = waits && !cutOff ? `${why}; being confirmed` : why;
    this.#voice.seen(device, { state: judgement.state, address, rtts_ms, reason: explained });
  }

  #sayProbing(): void {
    this.#saidProbing_ms = this.#context.clock.monotonic_ms();
    const isolated = this.#anchors?.isolated ?? false;
    const anchors = this.#anchors?.states ?? [];
    this.#voice.doing({ isolated, anchors, lastProbe_ms: this.#lastProbe_ms, devices: this.#devices.size });
  }
}
