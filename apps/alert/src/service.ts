import { join } from 'node:path';
import { ALL_KEPT } from '@guaita/bus';
import { channels, type DeviceSpec, type MonitorView } from '@guaita/messages';
import type { Id, PingObservation, Trouble } from '@guaita/model';
import { endInTurn, hearRetained, KeptFile, type MonitorContext, type Service, type Timer } from '@guaita/service';
import { Alerts } from './alerts/alerts.ts';
import { Announcer, type Learned } from './announcer.ts';
import { alertOptions, measurementRules, verdictOptions, type AlertConfig } from './config.ts';
import { Figures } from './figures.ts';
import { Heard } from './heard.ts';
import { HomeAssistant } from './home-assistant/home-assistant.ts';
import { KeptMeasurements } from './measurements/kept.ts';
import { Measuring } from './measurements/measuring.ts';
import { AlertMetrics } from './metrics.ts';
import type { Now } from './now.ts';
import { Notifier } from './notify/notifier.ts';
import { Takeover } from './takeover.ts';
import { Verdicts } from './verdict/verdicts.ts';

/** What comes in within this time is judged together: a monitor's death changes many devices at once. */
const GATHER_ms = 100;
/** As often it is looked whether anything that is known was taken away unnoticed. */
const SWEEP_EVERY_ms = 10_000;
/** A turn that is in doubt for a moment is looked at again then. */
const IN_DOUBT_ms = 2_000;

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
  readonly #measuring: Measuring;
  readonly #homeAssistant: HomeAssistant;
  readonly #heard: Heard;
  readonly #takeover: Takeover;
  readonly #releases: (() => Promise<void> | void)[] = [];
  #timer: Timer | undefined;
  #due_ms = Infinity;
  #sweepTimer: Timer | undefined;
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
    this.#heard = new Heard({
      context,
      monitor: (monitor, view) => this.#monitor(monitor, view),
      device: (device, spec) => this.#spec(device, spec),
      silence: (id, silence) => this.#wanted(() => this.#alerts.silence(id, silence)),
      acknowledgement: (alert, given) => this.#wanted(() => this.#alerts.acknowledge(alert, given)),
    });
    this.#measuring = new Measuring({
      ...{ wire, clock, monitor, rules: measurementRules(config) },
      file: new KeptFile(join(dataDir, 'measured.json'), KeptMeasurements, log),
      onKept: (why) => this.#onKept(why),
      heard: (monitor, device, troubles) => this.#troubles(monitor, device, troubles),
    });
    this.#homeAssistant = new HomeAssistant(context, config.home_assistant, () => this.#announcer.speaks);
    this.#takeover = new Takeover({
      ...{ context, announcer: this.#announcer, voices: [this.#announcer, this.#homeAssistant] },
      learned: (learned) => this.#learned(learned),
      begun: () => this.#judge(),
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { wire } = this.#context;
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
        if (this.#follows) this.#verdicts.said(device, value);
      },
      ALL_KEPT,
    );
    this.#releases.push(said);
    this.#releases.push(
      await wire.hear(
        channels.alert,
        {},
        ({ value }) => {
          if (this.#follows && value !== undefined) this.#alerts.said(value, this.#now());
        },
        ALL_KEPT,
      ),
    );
    this.#releases.push(
      await wire.hear(
        channels.disk,
        {},
        ({ parameters: { monitor }, value }) => {
          this.#alerts.disk(monitor, value);
          this.#wake(this.#now().monotonic_ms + GATHER_ms);
        },
        ALL_KEPT,
      ),
    );
    this.#releases.push(
      await wire.hear(
        channels.leftOut,
        {},
        ({ parameters: { monitor }, value }) => {
          const now = this.#now();
          this.#alerts.leftOut(monitor, value, now);
          this.#wake(now.monotonic_ms + GATHER_ms);
        },
        ALL_KEPT,
      ),
    );
    this.#releases.push(() => this.#heard.stop());
    await this.#heard.start();
    this.#releases.push(() => this.#measuring.stop());
    await this.#measuring.start();
    await this.#catchUp(signal);
    this.#takeover.start();
    this.#sweepLater();
    this.#releases.push(() => this.#notifier.stop());
    await this.#notifier.start(signal);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of [this.#timer, this.#sweepTimer]) timer?.cancel();
    await this.#takeover.stop();
    const failures = await endInTurn(this.#releases.splice(0).reverse());
    if (failures.length > 0) throw new AggregateError(failures, 'the alert service could not release everything');
  }

  /**
   * It is another who says what is heard: while we speak it is our own words that come back. Whoever stood still may hear
   * before its turn is found to be over, so that is asked.
   */
  get #follows(): boolean {
    return !this.#context.turn.speaks || !this.#announcer.isOurs;
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

  /** Goes on from what was said before, so that nothing is forgotten, and nothing said again. */
  #learned({ open, states }: Learned): void {
    const now = this.#now();
    for (const { device, after } of this.#verdicts.resume(states, now)) {
      this.#announcer.state(device, after);
      this.#alerts.verdict({ device, after }, now);
    }
    this.#alerts.learned(open, now);
  }

  #spec(device: Id, spec: DeviceSpec | undefined): void {
    const now = this.#now();
    this.#figures.spec(device, spec);
    this.#measuring.spec(device, spec);
    this.#homeAssistant.spec(device, spec);
    this.#verdicts.spec(device, spec);
    this.#alerts.spec(device, spec, now);
    this.#wake(now.monotonic_ms + GATHER_ms);
  }

  #monitor(monitor: Id, view: MonitorView | undefined): void {
    const now = this.#now();
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

  /** @param why what was measured cannot be kept on disk; `undefined`: it is. */
  #onKept(why: string | undefined): void {
    const { health, log } = this.#context;
    const trouble = why === undefined ? '' : `cannot be kept on disk, and are learnt anew after a restart: ${why}`;
    if (why !== undefined) log.warn(`measurements ${trouble}`);
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
    if (isOurs && !speaks) next_ms = Math.min(next_ms, now.monotonic_ms + IN_DOUBT_ms);
    this.#wake(Math.max(next_ms, now.monotonic_ms + GATHER_ms));
  }

  #onConnection(connected: boolean): void {
    if (connected) {
      this.#takeover.attempt();
      return;
    }
    this.#alerts.missed();
    this.#takeover.abandon();
  }

  #sweepLater(): void {
    this.#sweepTimer = this.#context.clock.after(SWEEP_EVERY_ms, () => {
      this.#sweep();
      this.#sweepLater();
    });
  }

  /** Lets go of what was taken away while we could not hear it. */
  #sweep(): void {
    this.#heard.sweep();
    this.#measuring.sweep();
    const { states } = this.#announcer;
    this.#figures.sweep((device) => (states.get(device) ?? 'up') !== 'up');
    this.#takeover.sweep(this.#heard.knowsMonitors);
  }
}
