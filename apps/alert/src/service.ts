import { ALL_KEPT } from '@guaita/bus';
import { channels, type DeviceSpec, type MonitorView } from '@guaita/messages';
import type { Id, PingObservation, Trouble } from '@guaita/model';
import { endInTurn, hearRetained, RollCall, type MonitorContext, type Service, type Timer } from '@guaita/service';
import { join } from 'node:path';
import { Alerts } from './alerts/alerts.ts';
import { Announcer } from './announcer.ts';
import { alertOptions, measurementRules, verdictOptions, type AlertConfig } from './config.ts';
import { Figures } from './figures.ts';
import { HeardIntents } from './heard-intents.ts';
import { HomeAssistant } from './home-assistant/home-assistant.ts';
import { KeptMeasurements } from './measurements/kept.ts';
import { Measuring } from './measurements/measuring.ts';
import { KeptFile } from './kept-file.ts';
import { AlertMetrics } from './metrics.ts';
import type { Now } from './now.ts';
import { Notifier } from './notify/notifier.ts';
import { Verdicts } from './verdict/verdicts.ts';

/** What comes in within this time is judged together: a monitor's death changes many devices at once. */
const GATHER_ms = 100;
/** As often it is looked whether anything that is known was taken away unnoticed. */
const SWEEP_EVERY_ms = 10_000;
/**
 * What a former run said is taken away only when all there is to know must be known: assign tells of 35,000 devices
 * within seconds.
 */
const SETTLED_AFTER_ms = 15_000;
/** A broker that refuses something may be mended. */
const RETRY_ms = 2_000;
/**
 * Says what all monitors together say of each device, and alerts. The judging is `Verdicts`' and `Alerts`'; here they get
 * what the broker's audience is told by assign, this host's clock, and what an earlier speaker said.
 */
export class AlertService implements Service {
  readonly #context: MonitorContext;
  readonly #verdicts: Verdicts;
  readonly #alerts: Alerts;
  readonly #metrics: AlertMetrics;
  readonly #announcer: Announcer;
  readonly #figures: Figures;
  readonly #notifier: Notifier;
  readonly #intents: HeardIntents;
  readonly #measuring: Measuring;
  readonly #homeAssistant: HomeAssistant;
  readonly #devices = new Set<Id>();
  readonly #monitors = new Set<Id>();
  readonly #deviceCall = new RollCall();
  readonly #monitorCall = new RollCall();
  readonly #releases: (() => Promise<void> | void)[] = [];
  #timer: Timer | undefined;
  #due_ms = Infinity;
  #sweepTimer: Timer | undefined;
  #retryTimer: Timer | undefined;
  #takingOver = new AbortController();
  #takeover: Promise<void> | undefined;
  #spokeFrom_ms = Infinity;
  #settled = false;
  #caughtUp = false;
  #stopped = false;

  constructor(context: MonitorContext, config: AlertConfig) {
    const { wire, clock, dataDir, log, metrics, monitor } = context;
    this.#context = context;
    this.#verdicts = new Verdicts(verdictOptions(config));
    this.#alerts = new Alerts(alertOptions(config), context.site);
    this.#metrics = new AlertMetrics(metrics);
    this.#announcer = new Announcer(context, this.#metrics);
    this.#figures = new Figures({
      ...{ wire, log },
      observed: (monitor, device, observation) => this.#observed(monitor, device, observation),
    });
    this.#notifier = new Notifier(context, config);
    this.#intents = new HeardIntents({
      context,
      silence: (id, silence) => this.#wanted(() => this.#alerts.silence(id, silence)),
      acknowledgement: (alert, given) => this.#wanted(() => this.#alerts.acknowledge(alert, given)),
    });
    this.#measuring = new Measuring({
      ...{ wire, clock, monitor, rules: measurementRules(config) },
      file: new KeptFile(join(dataDir, 'measured.json'), KeptMeasurements, log),
      onKept: (error) => this.#onKept(error),
      heard: (monitor, device, troubles) => this.#troubles(monitor, device, troubles),
    });
    this.#homeAssistant = new HomeAssistant(context, config.home_assistant, () => this.#announcer.speaks);
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { wire, turn } = this.#context;
    this.#releases.push(() => this.#metrics.remove());
    this.#announcer.start();
    this.#releases.push(() => this.#announcer.stop());
    this.#releases.push(() => this.#homeAssistant.stop());
    await this.#homeAssistant.start();
    this.#releases.push(() => this.#figures.stop());
    this.#releases.push(wire.bus.onConnection((connected) => this.#onConnection(connected)));
    const said = await wire.hear(
      channels.state,
      {},
      ({ parameters: { device }, value }) => {
        // What we said ourselves comes back, too.
        if (!this.#announcer.isOurs) this.#verdicts.said(device, value);
      },
      ALL_KEPT,
    );
    this.#releases.push(said);
    this.#releases.push(
      await wire.hear(
        channels.alert,
        {},
        ({ value }) => {
          if (!this.#announcer.isOurs && value !== undefined) this.#alerts.said(value, this.#now());
        },
        ALL_KEPT,
      ),
    );
    this.#releases.push(
      await wire.hear(
        channels.cluster,
        {},
        ({ parameters, value }) => this.#monitor(parameters.monitor, value),
        ALL_KEPT,
      ),
    );
    this.#releases.push(
      await wire.hear(channels.spec, {}, ({ parameters, value }) => this.#spec(parameters.device, value), ALL_KEPT),
    );
    await this.#intents.start();
    this.#releases.push(() => this.#intents.stop());
    this.#releases.push(() => this.#measuring.stop());
    await this.#measuring.start();
    await this.#catchUp(signal);
    this.#releases.push(turn.onChange((speaks) => (speaks ? this.#takeOver() : this.#fallSilent())));
    this.#takeOver();
    this.#sweepLater();
    this.#releases.push(() => this.#notifier.stop());
    await this.#notifier.start(signal);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of [this.#timer, this.#sweepTimer, this.#retryTimer]) timer?.cancel();
    this.#takingOver.abort();
    await this.#takeover;
    const failures = await endInTurn(this.#releases.splice(0).reverse());
    if (failures.length > 0) throw new AggregateError(failures, 'the alert service could not release everything');
  }

  /** Lets in all that the broker keeps, before anything is judged. */
  async #catchUp(signal: AbortSignal): Promise<void> {
    const { wire, clock, monitor } = this.#context;
    const mark = { monitor, name: 'begin' };
    await hearRetained({ wire, clock, mark, filters: [], receive: () => undefined }, signal);
    signal.throwIfAborted();
    this.#caughtUp = true;
    this.#judge();
  }

  #spec(device: Id, spec: DeviceSpec | undefined): void {
    const now = this.#now();
    this.#deviceCall.hears(device, now.monotonic_ms);
    if (spec === undefined) this.#devices.delete(device);
    else this.#devices.add(device);
    this.#figures.spec(device, spec);
    this.#measuring.spec(device, spec);
    this.#homeAssistant.spec(device, spec);
    this.#verdicts.spec(device, spec);
    this.#alerts.spec(device, spec, now);
    this.#wake(now.monotonic_ms + GATHER_ms);
  }

  #monitor(monitor: Id, view: MonitorView | undefined): void {
    const now = this.#now();
    this.#monitorCall.hears(monitor, now.monotonic_ms);
    if (view === undefined) this.#monitors.delete(monitor);
    else this.#monitors.add(monitor);
    this.#measuring.monitor(monitor, view);
    this.#verdicts.monitor(monitor, view);
    this.#alerts.monitor(monitor, view, now);
    this.#wake(now.monotonic_ms + GATHER_ms);
  }

  #observed(monitor: Id, device: Id, observation: PingObservation | undefined): void {
    this.#verdicts.observed(monitor, device, observation);
    const { monotonic_ms } = this.#now();
    if (this.#verdicts.nextDeadline_ms <= monotonic_ms) this.#wake(monotonic_ms + GATHER_ms);
  }

  /** Operators want something else of alerts than before. */
  #wanted(note: () => void): void {
    note();
    this.#wake(this.#now().monotonic_ms + GATHER_ms);
  }

  #troubles(monitor: Id, device: Id, troubles: readonly Trouble[]): void {
    this.#alerts.troubles(monitor, device, troubles);
    this.#wake(this.#now().monotonic_ms + GATHER_ms);
  }

  /** @param error why what was measured is not kept on disk; `undefined`: it is. */
  #onKept(error: unknown): void {
    const { health, log } = this.#context;
    if (error === undefined) {
      health.report('measurements', true);
      return;
    }
    const cause = error instanceof Error ? error.message : String(error);
    const trouble = `what is usual cannot be kept on disk, and is learnt anew after a restart: ${cause}`;
    log.warn({ err: error }, trouble);
    // All else goes on, and a restart would mend nothing.
    health.report('measurements', true, trouble);
  }

  #now(): Now {
    const { clock } = this.#context;
    return { monotonic_ms: clock.monotonic_ms(), wall_ms: clock.now_ms() };
  }

  /** Judges when it is time, at the latest. */
  #wake(at_ms: number): void {
    if (!this.#caughtUp || this.#stopped || at_ms >= this.#due_ms) return;
    this.#timer?.cancel();
    this.#due_ms = at_ms;
    const delay_ms = Math.max(0, at_ms - this.#context.clock.monotonic_ms());
    this.#timer = this.#context.clock.after(delay_ms, () => this.#judge());
  }

  #judge(): void {
    this.#timer?.cancel();
    this.#due_ms = Infinity;
    this.#metrics.turn();
    const now = this.#now();
    for (const change of this.#verdicts.advance(now)) {
      this.#announcer.state(change.device, change.after);
      this.#alerts.verdict(change, now);
    }
    const { isOurs, speaks } = this.#announcer;
    if (speaks) for (const effect of this.#alerts.advance(now)) this.#announcer.alert(effect);
    let next_ms = Math.min(this.#verdicts.nextDeadline_ms, speaks ? this.#alerts.nextDeadline_ms : Infinity);
    if (next_ms <= now.monotonic_ms) {
      // There is more to do than for one turn: the rest comes as soon as all others of this process had theirs.
      this.#wake(now.monotonic_ms);
      return;
    }
    // It may be in doubt for a moment whether it is our turn.
    if (isOurs && !speaks) next_ms = Math.min(next_ms, now.monotonic_ms + RETRY_ms);
    this.#wake(Math.max(next_ms, now.monotonic_ms + GATHER_ms));
  }

  #onConnection(connected: boolean): void {
    const calls = [this.#deviceCall, this.#monitorCall];
    if (!connected) {
      for (const call of calls) call.begin();
      this.#alerts.missed();
      this.#takingOver.abort();
      return;
    }
    for (const call of calls) call.back(this.#context.clock.monotonic_ms());
    this.#takeOver();
  }

  /** Takes the turn, if it is ours and not taken yet. */
  #takeOver(): void {
    const { turn, wire } = this.#context;
    if (this.#stopped || this.#takeover !== undefined || this.#announcer.isOurs) return;
    if (!turn.speaks || !wire.bus.connected) return;
    this.#takeover = this.#learn().then((isToBeTriedAgain) => {
      this.#takeover = undefined;
      if (isToBeTriedAgain) this.#takeOver();
    });
  }

  /** Learns what was said before, then speaks. @returns whether something came in between. */
  async #learn(): Promise<boolean> {
    const { clock, health, log, turn } = this.#context;
    this.#takingOver = new AbortController();
    try {
      const open = await this.#announcer.learnOpen(this.#takingOver.signal);
      if (open === undefined || !turn.speaks) return true;
      this.#alerts.learned(open, this.#now());
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      log.debug({ err: error }, 'cannot take over yet');
      health.report('takeover', false, `what was said before cannot be heard, so nothing is said: ${cause}`);
      this.#retryTimer = clock.after(RETRY_ms, () => this.#takeOver());
      return false;
    }
    health.report('takeover', true);
    this.#settled = false;
    this.#spokeFrom_ms = clock.monotonic_ms();
    this.#announcer.speak();
    this.#homeAssistant.speak();
    this.#judge();
    return false;
  }

  #fallSilent(): void {
    this.#takingOver.abort();
    this.#announcer.fallSilent();
    this.#homeAssistant.fallSilent();
    this.#spokeFrom_ms = Infinity;
  }

  #sweepLater(): void {
    this.#sweepTimer = this.#context.clock.after(SWEEP_EVERY_ms, () => {
      this.#sweep();
      this.#sweepLater();
    });
  }

  /** Lets go of what was taken away while we could not hear it. */
  #sweep(): void {
    const { monotonic_ms } = this.#now();
    for (const device of this.#deviceCall.absent(this.#devices, monotonic_ms)) this.#spec(device, undefined);
    for (const monitor of this.#monitorCall.absent(this.#monitors, monotonic_ms)) this.#monitor(monitor, undefined);
    this.#intents.sweep();
    this.#measuring.sweep();
    const { states } = this.#announcer;
    this.#figures.sweep((device) => (states.get(device) ?? 'up') !== 'up');
    if (!this.#announcer.isOurs) return;
    // The turn may have been in doubt for a moment.
    this.#announcer.speak();
    this.#homeAssistant.speak();
    // Where no monitor is known, assign has not said anything yet.
    if (this.#settled || monotonic_ms < this.#spokeFrom_ms + SETTLED_AFTER_ms || this.#monitors.size === 0) return;
    this.#settled = true;
    this.#announcer.purge();
    this.#homeAssistant.purge();
  }
}
