import type { Sent, Unsent } from '@guaita/messages';
import type { Alert, Id } from '@guaita/model';
import type { Now } from '../now.ts';
import type { Outcome } from './effect.ts';
import { Notifications } from './notifications.ts';
import type { Receiver } from './receiver.ts';
import { SENT_KEPT_ms } from './sent-kept.ts';
import { Times } from './times.ts';

export const NOON_ms = Date.parse('2026-03-02T12:00:00.000Z');
/** By then the others know that a monitor is dead. */
const DEATH_ms = 3_000;
/** By then a monitor that speaks is heard where it reaches the broker, and by then what that broker lacks has come, too. */
const BEAT_ms = 1_000;
const REPLAY_ms = 5_000;

/** A receiver that is told everything at once. */
export const PHONE: Receiver = {
  ...{ name: 'phone', severities: undefined, kinds: undefined, tags: undefined, times: new Times([]) },
  ...{ after_ms: 0, remind_ms: undefined, resolves: true, perMinute: 6000 },
};

export function alertOf(id: string, change: Partial<Alert> = {}): Alert {
  const at = new Date(NOON_ms).toISOString();
  return {
    ...{ id, kind: 'down', severity: 'critical', subject: `device-${id}`, name: `Device ${id}`, tags: ['core'] },
    ...{ episode: 1, since: at, at, text: `Device ${id} is down`, seen_by: [], resolves: false, ...change },
  };
}

/**
 * How long something takes, by what it is: `open m1 x`, `sent m1 m2 x`, `request m1`, `answer m1`; after m2 and its
 * broker were away: `bridge m1 m2` until m1 reaches that broker, `look m2` until m2 sees what has begun and ended.
 */
export type Delay = (what: string) => number;

interface Host {
  machine: Notifications | undefined;
  /** What its disk keeps. */
  ends: readonly Sent[];
  /** Whether its broker was killed with it. */
  isAway: boolean;
  /** From whom its broker gets nothing yet: what they say meanwhile waits with them. */
  readonly waiting: Map<Id, (() => void)[]>;
  /** What its broker keeps. */
  readonly open: Map<string, Alert>;
  readonly sent: Map<string, { readonly monitor: Id; readonly sent: Sent; readonly at_ms: number }>;
}

/** Monitors with a broker each, and receivers; time goes by in steps, and what is said arrives late. */
export class World {
  readonly #hosts = new Map<Id, Host>();
  readonly #receivers: readonly Receiver[];
  /** Monitors in whose configuration there are none. */
  readonly #without: readonly Id[];
  readonly #delay: Delay;
  #now_ms = 0;
  /** Of how many requests, and words of what was sent, of each monitor a crash now would lose what became of them. */
  readonly #busy = new Map<Id, number>();
  #queue: { readonly at_ms: number; readonly run: () => void }[] = [];
  /** Each request as it arrived: `m1 phone x-begin`. */
  readonly arrived: string[] = [];
  /** Texts as they arrived. */
  readonly texts: string[] = [];
  /** Requests that were aborted: `m1 phone x`. */
  readonly aborted: string[] = [];
  readonly unsent = new Map<string, Unsent | undefined>();
  /** How receivers answer; always well by default. */
  answer: (receiver: Id, key: string) => Outcome = () => ({ is: 'arrived' });

  constructor(
    monitors: readonly Id[],
    receivers: readonly Receiver[] = [PHONE],
    delay: Delay = () => 10,
    without: readonly Id[] = [],
  ) {
    this.#receivers = receivers;
    this.#delay = delay;
    this.#without = without;
    for (const monitor of monitors) {
      const kept = { ends: [], waiting: new Map(), open: new Map(), sent: new Map() };
      this.#hosts.set(monitor, { machine: undefined, isAway: false, ...kept });
    }
    for (const monitor of monitors) this.start(monitor);
    this.run(30);
  }

  get now(): Now {
    return { monotonic_ms: this.#now_ms, wall_ms: NOON_ms + this.#now_ms };
  }

  /** Those that live. */
  get alive(): Id[] {
    return [...this.#hosts].filter(([, { machine }]) => machine !== undefined).map(([monitor]) => monitor);
  }

  machine(monitor: Id): Notifications {
    const machine = this.#hosts.get(monitor)?.machine;
    if (machine === undefined) throw new Error(`${monitor} does not live`);
    return machine;
  }

  /** Keys as they arrived, by whomever they were sent. */
  get keys(): string[] {
    return this.arrived.map((text) => text.split(' ')[2] as string);
  }

  /** No request of a monitor is on its way, and no word of what it has sent, which would be lost or late if it died now. */
  isIdle(monitor: Id): boolean {
    const isWaited = [...this.#hosts.values()].some(({ waiting }) => waiting.has(monitor));
    return !isWaited && (this.#busy.get(monitor) ?? 0) === 0;
  }

  start(monitor: Id): void {
    const host = this.#host(monitor);
    const receiversOf = (each: Id): readonly Receiver[] => (this.#without.includes(each) ? [] : this.#receivers);
    host.machine = new Notifications({
      ...{ monitor, receivers: receiversOf(monitor), giveUp_ms: 3_600_000, unseen_ms: 600_000 },
      pause_ms: (failures) => 1000 * 2 ** Math.min(failures - 1, 6),
    });
    for (const end of host.ends) this.machine(monitor).restore(end, this.now);
    for (const [each, { machine }] of this.#hosts) {
      this.machine(monitor).monitor(each, { alive: machine !== undefined, isolated: false }, this.now);
      this.machine(monitor).service(each, true, this.now);
      this.machine(monitor).receivers(
        each,
        receiversOf(each).map(({ name }) => name),
      );
      if (each !== monitor)
        this.#later(1000, () => machine?.monitor(monitor, { alive: true, isolated: false }, this.now));
      machine?.service(monitor, true, this.now);
    }
    for (const { monitor: writer, sent, at_ms } of host.sent.values()) {
      const age_ms = this.#now_ms - at_ms;
      if (age_ms < SENT_KEPT_ms) this.machine(monitor).said(writer, sent, Math.max(1, age_ms), this.now);
    }
    for (const [id, alert] of host.open) this.machine(monitor).opened(id, alert, false, this.now);
    this.machine(monitor).listening(this.now);
    for (const other of this.alive) {
      if (other === monitor) continue;
      this.#later(host.isAway ? this.#delay(`bridge ${other} ${monitor}`) : BEAT_ms, () =>
        this.#bridge(other, monitor),
      );
      this.#later(BEAT_ms, () => this.#bridge(monitor, other));
    }
    if (host.isAway) this.#later(this.#delay(`look ${monitor}`), () => this.#release(host, monitor));
    host.isAway = false;
  }

  /** @param isAway its broker, too: what others say meanwhile it gets once they reach it again. */
  kill(monitor: Id, isAway = false): void {
    const host = this.#host(monitor);
    const { machine } = host;
    host.isAway = isAway;
    if (isAway) for (const each of this.#hosts.keys()) host.waiting.set(each, host.waiting.get(each) ?? []);
    host.ends = machine?.pendingEnds ?? host.ends;
    host.machine = undefined;
    this.#later(DEATH_ms, () => {
      if (host.machine !== undefined && host.machine !== machine) return;
      for (const other of this.alive) this.machine(other).monitor(monitor, { alive: false, isolated: false }, this.now);
    });
  }

  open(id: string, change: Partial<Alert> = {}): void {
    const alert = alertOf(id, { at: new Date(this.now.wall_ms).toISOString(), ...change });
    for (const [monitor, host] of this.#hosts) {
      this.#reach(host, monitor, this.#delay(`open ${monitor} ${id}`), () => {
        const isNews = !host.open.has(id);
        host.open.set(id, alert);
        host.machine?.opened(id, alert, isNews, this.now);
      });
    }
  }

  close(id: string): void {
    for (const [monitor, host] of this.#hosts) {
      // Never before it was open.
      const delay_ms = Math.max(this.#delay(`close ${monitor} ${id}`), this.#delay(`open ${monitor} ${id}`));
      this.#reach(host, monitor, delay_ms, () => {
        const alert = host.open.get(id);
        host.open.delete(id);
        if (alert !== undefined) host.machine?.ended({ ...alert, resolves: true, text: 'it is up again' }, this.now);
        host.machine?.opened(id, undefined, true, this.now);
      });
    }
  }

  /** Lets time pass. */
  run(seconds: number): void {
    const end_ms = this.#now_ms + seconds * 1000;
    for (;;) {
      this.#advance();
      const next_ms = Math.min(
        ...this.#queue.map(({ at_ms }) => at_ms),
        ...this.alive.map((monitor) => this.machine(monitor).nextDeadline_ms(this.now)),
      );
      if (next_ms > end_ms) break;
      this.#now_ms = Math.max(this.#now_ms, next_ms);
      const due = this.#queue.filter(({ at_ms }) => at_ms <= this.#now_ms).sort((a, b) => a.at_ms - b.at_ms);
      this.#queue = this.#queue.filter(({ at_ms }) => at_ms > this.#now_ms);
      for (const { run } of due) run();
    }
    this.#now_ms = end_ms;
  }

  #advance(): void {
    for (const monitor of this.alive) {
      for (const effect of this.machine(monitor).advance(this.now)) {
        switch (effect.kind) {
          case 'send':
            this.#request(monitor, effect.receiver, effect.notification.alert, effect.notification.key);
            break;
          case 'sent':
            this.#say(monitor, effect.alert, effect.sent);
            break;
          case 'unsent':
            this.unsent.set(`${monitor} ${effect.alert}`, effect.unsent);
            break;
          case 'abort':
            this.aborted.push(`${monitor} ${effect.receiver} ${effect.alert}`);
        }
      }
    }
  }

  #request(monitor: Id, receiver: Id, alert: Alert, key: string): void {
    const { machine } = this.#host(monitor);
    this.#isBusy(monitor, 1);
    this.#later(this.#delay(`request ${monitor}`), () => {
      const outcome = this.answer(receiver, key);
      if (outcome.is === 'arrived') {
        this.arrived.push(`${monitor} ${receiver} ${key}`);
        this.texts.push(alert.text);
      }
      this.#later(this.#delay(`answer ${monitor}`), () => {
        this.#isBusy(monitor, -1);
        if (this.#host(monitor).machine === machine) machine?.outcome(receiver, alert.id, outcome, this.now);
      });
    });
  }

  #say(monitor: Id, id: string, sent: Sent): void {
    const said_ms = this.#now_ms;
    for (const [other, host] of this.#hosts) {
      const delay_ms = other === monitor ? 0 : this.#delay(`sent ${monitor} ${other} ${id}`);
      this.#isBusy(monitor, 1);
      this.#later(delay_ms, () => this.#isBusy(monitor, -1));
      this.#reach(host, monitor, delay_ms, () => {
        // Of one topic a broker keeps what was said last, whatever comes first.
        const key = `${monitor} ${id}`;
        if ((host.sent.get(key)?.at_ms ?? -Infinity) <= said_ms) host.sent.set(key, { monitor, sent, at_ms: said_ms });
        host.machine?.said(monitor, sent, 0, this.now);
      });
    }
  }

  #isBusy(monitor: Id, more: number): void {
    this.#busy.set(monitor, (this.#busy.get(monitor) ?? 0) + more);
  }

  /** Something comes to a host’s broker from a monitor, or waits for it there. */
  #reach(host: Host, from: Id, delay_ms: number, arrive: () => void): void {
    this.#later(delay_ms, () => {
      const waiting = host.waiting.get(from);
      if (waiting === undefined) arrive();
      else waiting.push(arrive);
    });
  }

  /** A monitor reaches the broker of another, and is heard there; what it said before comes a while later. */
  #bridge(monitor: Id, other: Id): void {
    const host = this.#host(other);
    if (host.isAway || this.#host(monitor).machine === undefined) return;
    host.machine?.hears(monitor, this.now);
    this.#later(REPLAY_ms, () => this.#release(host, monitor));
  }

  #release(host: Host, from: Id): void {
    if (host.isAway) return;
    for (const arrive of host.waiting.get(from) ?? []) arrive();
    host.waiting.delete(from);
  }

  #later(delay_ms: number, run: () => void): void {
    this.#queue.push({ at_ms: this.#now_ms + delay_ms, run });
  }

  #host(monitor: Id): Host {
    const host = this.#hosts.get(monitor);
    if (host === undefined) throw new Error(`there is no monitor ${monitor}`);
    return host;
  }
}
