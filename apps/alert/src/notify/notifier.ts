import { ALL_KEPT } from '@guaita/bus';
import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { endInTurn, hearRetained, RollCall, type MonitorContext, type Timer } from '@guaita/service';
import type { AlertConfig } from '../config.ts';
import type { Now } from '../now.ts';
import { receiverOf } from './config.ts';
import type { NotifyEffect, Outcome } from './effect.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Notification } from './notification.ts';
import { Notifications } from './notifications.ts';
import { Outbound } from './outbound.ts';
import { PendingEnds } from './pending-ends.ts';
import { NotifyReports } from './reports.ts';
import { sentKeptFor_ms } from './sent-kept.ts';
import { unseenFor_ms } from './unseen.ts';

/** What comes in within this time is looked at together. */
const GATHER_ms = 20;
const SWEEP_EVERY_ms = 10_000;
/** A broker that refuses something may be mended. */
const RETRY_ms = 2_000;
/** The first pause after a failure, and the longest one. */
const PAUSE_ms = { first: 1_000, most: 60_000 } as const;
/** What could not be sent for so long is old news by then. */
const GIVE_UP_ms = 3_600_000;
/**
 * Tells the outside of alerts: binds `Notifications` to the bus and to the receivers. Every monitor's takes part, also
 * one that does not speak for its broker.
 */
export class Notifier {
  readonly #context: MonitorContext;
  readonly #notifications: Notifications;
  readonly #receivers: readonly Id[];
  readonly #pendingEnds: PendingEnds;
  readonly #reports: NotifyReports;
  readonly #outbound: Outbound;
  readonly #heartbeat: Heartbeat | undefined;
  readonly #openCall = new RollCall();
  readonly #releases: (() => Promise<void> | void)[] = [];
  #timer: Timer | undefined;
  #sweepTimer: Timer | undefined;
  #retryTimer: Timer | undefined;
  #due_ms = Infinity;
  #isListening = false;
  #listening = new AbortController();
  #stopped = false;

  constructor(context: MonitorContext, config: AlertConfig) {
    const { notify, heartbeat } = config;
    const { monitor, random } = context;
    this.#context = context;
    this.#receivers = Object.keys(notify);
    this.#notifications = new Notifications({
      monitor,
      receivers: Object.entries(notify).map(([name, receiver]) => receiverOf(name, receiver)),
      giveUp_ms: GIVE_UP_ms,
      unseen_ms: unseenFor_ms(config),
      pause_ms: (failures) =>
        Math.min(PAUSE_ms.first * 2 ** (Math.max(1, failures) - 1), PAUSE_ms.most) * (1 - random() / 2),
    });
    this.#pendingEnds = new PendingEnds(context, () => this.#notifications.pendingEnds);
    this.#reports = new NotifyReports(context);
    this.#outbound = new Outbound(notify, (receiver, notification, outcome) =>
      this.#outcome(receiver, notification, outcome),
    );
    this.#heartbeat =
      heartbeat &&
      new Heartbeat({
        ...{ context, config: heartbeat, reports: this.#reports },
        isListening: () => this.#isListening,
      });
  }

  async start(signal: AbortSignal): Promise<void> {
    const { wire, monitor } = this.#context;
    this.#releases.push(() => this.#reports.remove());
    // Also where there are none: nobody is to wait for what this monitor cannot send.
    const at = new Date(this.#now().wall_ms).toISOString();
    wire.say(channels.receivers, { monitor }, { receivers: [...this.#receivers], at });
    if (this.#receivers.length === 0 && this.#heartbeat === undefined) return;
    for (const end of await this.#pendingEnds.read()) this.#notifications.restore(end, this.#now());
    this.#releases.push(() => this.#pendingEnds.stop());
    this.#releases.push(wire.bus.onConnection((connected) => this.#onConnection(connected)));
    this.#releases.push(
      await wire.hear(
        channels.service,
        { service: 'alert' },
        ({ parameters: { monitor }, value }) => {
          this.#notifications.service(monitor, value?.state === 'online', this.#now());
          this.#wake();
        },
        ALL_KEPT,
      ),
      await wire.hear(
        channels.cluster,
        {},
        ({ parameters: { monitor }, value }) => {
          this.#notifications.monitor(monitor, value, this.#now());
          this.#wake();
        },
        ALL_KEPT,
      ),
      await wire.hear(
        channels.receivers,
        {},
        ({ parameters, value }) => {
          this.#notifications.receivers(parameters.monitor, value?.receivers);
          this.#wake();
        },
        ALL_KEPT,
      ),
      await wire.hear(channels.status, {}, ({ parameters: { monitor }, value, message }) => {
        // What is kept tells what was, and an end may be said by its broker for who is gone.
        if (message.retain || value?.state !== 'online') return;
        if (this.#notifications.hears(monitor, this.#now())) this.#wake();
      }),
      await wire.hear(
        channels.sent,
        {},
        ({ parameters: { monitor }, value, message }) => {
          if (value === undefined) return;
          this.#notifications.said(monitor, value, message.retain ? sentKeptFor_ms(message.expiry_s) : 0, this.#now());
          this.#pendingEnds.changed();
          this.#wake();
        },
        ALL_KEPT,
      ),
      await wire.hear(
        channels.openAlert,
        {},
        ({ parameters: { alert }, value, message }) => {
          const now = this.#now();
          this.#openCall.hears(alert, now.monotonic_ms);
          this.#notifications.opened(alert, value, !message.retain, now);
          this.#wake();
        },
        ALL_KEPT,
      ),
      await wire.hear(channels.alert, {}, ({ value }) => {
        if (value?.resolves !== true) return;
        this.#notifications.ended(value, this.#now());
        this.#pendingEnds.changed();
        this.#wake();
      }),
    );
    this.#releases.push(() => this.#heartbeat?.stop());
    await this.#heartbeat?.hear();
    await this.#listen(signal);
    signal.throwIfAborted();
    this.#sweepLater();
    this.#heartbeat?.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of [this.#timer, this.#sweepTimer, this.#retryTimer]) timer?.cancel();
    this.#listening.abort();
    await this.#outbound.stop();
    const failures = await endInTurn(this.#releases.splice(0).reverse());
    if (failures.length > 0) throw new AggregateError(failures, 'notifications could not release everything');
  }

  #now(): Now {
    const { clock } = this.#context;
    return { monotonic_ms: clock.monotonic_ms(), wall_ms: clock.now_ms() };
  }

  /** Lets in all that the broker keeps, before anything is sent. */
  async #listen(signal: AbortSignal): Promise<void> {
    const { wire, clock, monitor } = this.#context;
    const mark = { monitor, name: 'notify' };
    this.#listening = new AbortController();
    const either = AbortSignal.any([signal, this.#listening.signal]);
    const end = await hearRetained({ wire, clock, mark, filters: [], receive: () => undefined }, either);
    if (end === 'abandoned' || !wire.bus.connected) return;
    this.#isListening = true;
    this.#notifications.listening(this.#now());
    this.#wake();
  }

  #onConnection(connected: boolean): void {
    if (!connected) {
      this.#isListening = false;
      this.#listening.abort();
      this.#openCall.begin();
      this.#notifications.deaf();
      return;
    }
    this.#openCall.back(this.#context.clock.monotonic_ms());
    void this.#listenAgain();
  }

  async #listenAgain(): Promise<void> {
    const { clock, health, wire } = this.#context;
    try {
      await this.#listen(new AbortController().signal);
      health.report('notifications', true);
    } catch (error) {
      if (this.#stopped || !wire.bus.connected) return;
      const cause = error instanceof Error ? error.message : String(error);
      health.report('notifications', false, `what was sent cannot be heard, so nothing is sent: ${cause}`);
      this.#retryTimer = clock.after(RETRY_ms, () => void this.#listenAgain());
    }
  }

  /** Looks at what has come in, together with what comes with it. */
  #wake(at_ms = this.#context.clock.monotonic_ms() + GATHER_ms): void {
    if (!this.#isListening || this.#stopped || at_ms >= this.#due_ms) return;
    const { clock } = this.#context;
    this.#timer?.cancel();
    this.#due_ms = at_ms;
    this.#timer = clock.after(Math.max(0, at_ms - clock.monotonic_ms()), () => this.#advance());
  }

  #advance(): void {
    this.#due_ms = Infinity;
    if (!this.#isListening) return;
    const now = this.#now();
    for (const effect of this.#notifications.advance(now)) this.#do(effect);
    for (const receiver of this.#receivers) {
      this.#reports.waiting(receiver, this.#notifications.state(receiver).waiting);
    }
    const next_ms = this.#notifications.nextDeadline_ms(now);
    if (next_ms !== Infinity) this.#wake(Math.max(next_ms, now.monotonic_ms + GATHER_ms));
  }

  #do(effect: NotifyEffect): void {
    const { wire, monitor } = this.#context;
    switch (effect.kind) {
      case 'send':
        this.#outbound.send(effect.receiver, effect.notification);
        return;
      case 'abort':
        this.#outbound.abort(effect.receiver, effect.alert);
        return;
      case 'sent':
        this.#pendingEnds.changed();
        wire.say(channels.sent, { monitor, alert: effect.alert }, effect.sent);
        return;
      case 'unsent': {
        const place = { monitor, alert: effect.alert };
        if (effect.unsent === undefined) wire.clear(channels.unsent, place);
        else wire.say(channels.unsent, place, effect.unsent);
        if (effect.newest === undefined) return;
        this.#reports.gaveUp(effect.newest.receiver, effect.alert, effect.newest.why);
      }
    }
  }

  #outcome(receiver: Id, notification: Notification, outcome: Outcome): void {
    const before = this.#notifications.state(receiver).failures;
    this.#notifications.outcome(receiver, notification.alert.id, outcome, this.#now());
    const { failures } = this.#notifications.state(receiver);
    this.#reports.outcome(receiver, notification, outcome, before === 0 && failures > 0);
    // What has arrived is to be known at once, also when nothing more is sent.
    for (const effect of this.#notifications.effects()) this.#do(effect);
    this.#wake(this.#now().monotonic_ms);
  }

  #sweepLater(): void {
    this.#sweepTimer = this.#context.clock.after(SWEEP_EVERY_ms, () => {
      const now = this.#now();
      // What was taken away while we could not hear it.
      for (const id of this.#openCall.absent(this.#notifications.open, now.monotonic_ms)) {
        this.#notifications.opened(id, undefined, false, now);
      }
      this.#wake();
      this.#sweepLater();
    });
  }
}
