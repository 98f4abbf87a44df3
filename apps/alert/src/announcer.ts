import { join } from 'node:path';
import type { Heard, IncomingMessage } from '@guaita/bus';
import { channels } from '@guaita/messages';
import type { Alert, Id, Verdict, VerdictState } from '@guaita/model';
import { hearRetained, NameMemory, RetainedKeeper, type MonitorContext } from '@guaita/service';
import type { AlertEffect } from './alerts/effect.ts';
import type { AlertMetrics } from './metrics.ts';

/**
 * Says what was judged to the broker's audience: states and open alerts, which are kept, and alerts as they come. Whoever
 * does not speak keeps in mind all that is said, and is silent.
 */
export class Announcer {
  readonly #context: MonitorContext;
  readonly #metrics: AlertMetrics;
  readonly #states: RetainedKeeper;
  readonly #alerts: RetainedKeeper;
  readonly #stateOf = new Map<Id, VerdictState>();
  /** Alerts that are open, as far as is known here. */
  readonly #open = new Set<string>();
  #isOurs = false;

  constructor(context: MonitorContext, metrics: AlertMetrics) {
    const { wire, clock, log, monitor, dataDir, health } = context;
    this.#context = context;
    this.#metrics = metrics;
    const keeper = (name: Id, filter: string): RetainedKeeper =>
      new RetainedKeeper({
        ...{ wire, clock, log, monitor, name, filters: [filter] },
        memory: new NameMemory(join(dataDir, `topics-${name}`)),
        onState: (trouble) => health.report(name, trouble === undefined, trouble),
        speaks: () => this.speaks,
      });
    this.#states = keeper('verdicts', channels.state.filter(wire.base));
    this.#alerts = keeper('open-alerts', channels.openAlert.filter(wire.base));
  }

  /** Whether this instance took its turn: it knows what was said before. */
  get isOurs(): boolean {
    return this.#isOurs;
  }

  /** Whether it may say something right now: the turn that it took may be in doubt for a moment. */
  get speaks(): boolean {
    return this.#isOurs && this.#context.turn.speaks;
  }

  /** What is said of each device. */
  get states(): ReadonlyMap<Id, VerdictState> {
    return this.#stateOf;
  }

  start(): void {
    this.#states.start();
    this.#alerts.start();
  }

  async stop(): Promise<void> {
    await this.#states.stop();
    await this.#alerts.stop();
  }

  /** A device's state is this from now on; `undefined`: it has none. */
  state(device: Id, verdict: Verdict | undefined): void {
    const topic = channels.state.topic(this.#context.wire.base, { device });
    this.#states.set(topic, verdict === undefined ? undefined : channels.state.encode(verdict));
    this.#metrics.state(this.#stateOf.get(device), verdict?.state);
    if (verdict === undefined) this.#stateOf.delete(device);
    else this.#stateOf.set(device, verdict.state);
  }

  /** Does what alerts want done. To be called while it speaks. */
  alert(effect: AlertEffect): void {
    if (effect.kind === 'open') {
      this.#keepOpen(effect.id, effect.alert);
      return;
    }
    const { severity, subject } = effect.alert;
    this.#context.wire.say(channels.alert, { severity, subject }, effect.alert);
    this.#metrics.said(effect.alert);
  }

  /**
   * Hears which alerts the broker keeps as open. All that was said before on this connection has been heard, too, when
   * it resolves.
   *
   * @returns what differs from what was known here; `undefined` when it was abandoned.
   */
  async learnOpen(signal: AbortSignal): Promise<ReadonlyMap<string, Alert | undefined> | undefined> {
    const { wire, clock, monitor, log } = this.#context;
    const kept = new Map<string, Alert>();
    const receive = ({ parameters, value, message }: Heard<'alert-open/{alert}', typeof Alert>): void => {
      if (value === undefined) kept.delete(parameters.alert);
      else kept.set(parameters.alert, value);
      this.#keepOpen(parameters.alert, value, message);
    };
    const unhear = await wire.hear(channels.openAlert, {}, receive, { qos: 0 });
    try {
      const mark = { monitor, name: 'takeover' };
      const end = await hearRetained({ wire, clock, mark, filters: [], receive: () => undefined }, signal);
      if (end === 'abandoned') return undefined;
      if (end === 'late') log.warn('the broker did not say all alerts it keeps in time; going on with what was heard');
    } finally {
      await unhear();
    }
    const differs = new Map<string, Alert | undefined>(kept);
    for (const id of this.#open) if (!kept.has(id)) differs.set(id, undefined);
    for (const [id, alert] of differs) if (alert === undefined) this.#keepOpen(id, undefined);
    return differs;
  }

  /** It is our turn, or still is, and all is known that was said before. */
  speak(): void {
    this.#isOurs = true;
    this.#states.speak();
    this.#alerts.speak();
  }

  /** It is another's turn. */
  fallSilent(): void {
    this.#isOurs = false;
    this.#states.fallSilent();
    this.#alerts.fallSilent();
  }

  /** All is known by now: what the broker keeps beside that is taken away. */
  purge(): void {
    this.#states.purge();
    this.#alerts.purge();
  }

  #keepOpen(id: string, alert: Alert | undefined, heard?: IncomingMessage): void {
    const topic = channels.openAlert.topic(this.#context.wire.base, { alert: id });
    this.#alerts.set(topic, alert === undefined ? undefined : (textOf(heard) ?? channels.openAlert.encode(alert)));
    if (alert === undefined) this.#open.delete(id);
    else this.#open.add(id);
    this.#metrics.open(this.#open.size);
  }
}

function textOf(message: IncomingMessage | undefined): string | undefined {
  return message === undefined ? undefined : new TextDecoder().decode(message.payload);
}
