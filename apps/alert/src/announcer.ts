import { join } from 'node:path';
import type { IncomingMessage } from '@guaita/bus';
import { channels, PayloadError, type Channel } from '@guaita/messages';
import type { Alert, Id, Verdict, VerdictState } from '@guaita/model';
import { hearRetained, NameMemory, RetainedKeeper, type MonitorContext } from '@guaita/service';
import type { z } from 'zod';
import type { AlertEffect } from './alerts/effect.ts';
import type { AlertMetrics } from './metrics.ts';
import type { Voice } from './voice.ts';

/** What was said before. */
export interface Learned {
  /** The open alerts by id; `undefined` for one that cannot be read. */
  readonly open: ReadonlyMap<string, Alert | undefined>;
  /** Where they were asked for. */
  readonly states: ReadonlyMap<Id, Verdict>;
}

/**
 * Says what was judged to the broker's audience: states and open alerts, which are kept, and alerts as they come. Whoever
 * does not speak keeps in mind all that is said, and is silent.
 *
 * An alert is said and kept in one go, with nothing waited for in between: who knows that it was said knows that it is
 * kept, unless the speaker was cut off right there.
 */
export class Announcer implements Voice {
  readonly #context: MonitorContext;
  readonly #metrics: AlertMetrics;
  readonly #states: RetainedKeeper;
  readonly #stateOf = new Map<Id, VerdictState>();
  /** Alerts that this one has kept open. */
  readonly #open = new Set<string>();
  #isOurs = false;

  constructor(context: MonitorContext, metrics: AlertMetrics) {
    const { wire, clock, log, monitor, dataDir, health } = context;
    this.#context = context;
    this.#metrics = metrics;
    const name = 'verdicts';
    this.#states = new RetainedKeeper({
      ...{ wire, clock, log, monitor, name, filters: [channels.state.filter(wire.base)] },
      memory: new NameMemory(join(dataDir, `topics-${name}`)),
      onState: (trouble) => health.report(name, trouble === undefined, trouble),
      speaks: () => this.speaks,
    });
  }

  /** Whether this instance took its turn: it knows what was said before. */
  get isOurs(): boolean {
    return this.#isOurs;
  }

  /**
   * Whether it may say something right now. The turn that it took may be in doubt for a moment; what is said to a broker
   * that is away would come when another has spoken.
   */
  get speaks(): boolean {
    const { turn, wire } = this.#context;
    return this.#isOurs && turn.speaks && wire.bus.connected;
  }

  /** What is said of each device. */
  get states(): ReadonlyMap<Id, VerdictState> {
    return this.#stateOf;
  }

  start(): void {
    this.#states.start();
  }

  async stop(): Promise<void> {
    await this.#states.stop();
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
      this.#keep(effect.id, effect.alert);
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
   * @param withStates whether to hear what is said of each device, too.
   * @returns nothing when it was abandoned.
   */
  async learn(withStates: boolean, signal: AbortSignal): Promise<Learned | undefined> {
    const { wire, clock, monitor, log } = this.#context;
    const open = new Map<string, Alert | undefined>();
    const states = new Map<Id, Verdict>();
    const receive = (message: IncomingMessage): void => {
      const isGone = message.payload.length === 0;
      const id = channels.openAlert.parse(wire.base, message.topic)?.alert;
      if (id !== undefined && isGone) open.delete(id);
      else if (id !== undefined) open.set(id, readable(channels.openAlert, message));
      const device = channels.state.parse(wire.base, message.topic)?.device;
      const verdict = device === undefined || isGone ? undefined : readable(channels.state, message);
      if (device === undefined) return;
      if (verdict === undefined) states.delete(device);
      else states.set(device, verdict);
    };
    const filters = [channels.openAlert, ...(withStates ? [channels.state] : [])].map((each) => each.filter(wire.base));
    const end = await hearRetained({ wire, clock, mark: { monitor, name: 'takeover' }, filters, receive }, signal);
    if (end === 'late') log.warn('the broker did not say all that it keeps in time; going on with what was heard');
    return end === 'abandoned' ? undefined : { open, states };
  }

  /** It is our turn, or still is, and all is known that was said before. */
  speak(): void {
    this.#isOurs = true;
    this.#states.speak();
  }

  /** It is another's turn. */
  fallSilent(): void {
    this.#isOurs = false;
    this.#states.fallSilent();
    // Also what is under way: whoever speaks next finds nothing of it kept, and says it.
    const { wire } = this.#context;
    for (const channel of [channels.alert, channels.openAlert]) wire.bus.forget(channel.filter(wire.base));
    this.#open.clear();
  }

  /** All is known by now: what the broker keeps beside that is taken away. */
  purge(): void {
    this.#states.purge();
  }

  #keep(id: string, alert: Alert | undefined): void {
    const { wire } = this.#context;
    if (alert === undefined) {
      wire.clear(channels.openAlert, { alert: id });
      this.#open.delete(id);
    } else {
      wire.say(channels.openAlert, { alert: id }, alert);
      this.#open.add(id);
    }
    this.#metrics.open(this.#open.size);
  }
}

/** An earlier version may have kept something else. */
function readable<Path extends string, Schema extends z.ZodType>(
  channel: Channel<Path, Schema>,
  { topic, payload }: IncomingMessage,
): z.output<Schema> | undefined {
  try {
    return channel.decode(topic, payload);
  } catch (error) {
    if (error instanceof PayloadError) return undefined;
    throw error;
  }
}
