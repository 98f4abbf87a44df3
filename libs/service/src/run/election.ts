import type { Wire } from '@guaita/bus';
import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { Clock, Timer } from '../clock.ts';
import type { Turn } from '../service.ts';
import { presenceNow, type Speaker } from './presence.ts';

/**
 * Whoever could not show that it is there for so long says nothing more: the broker takes a silent presence connection
 * for dead after 3 s (keepalive 2 s × 1.5), and then another speaks.
 */
const SILENT_AFTER_MS = 4_000;
/** Below half of it, so that one lost turn does not silence. */
const RENEW_EVERY_MS = 1_500;
/** As the wire contract has presences expire: those of an instance that died together with its broker. */
const FORGET_AFTER_MS = 60_000;

/** An instance that is there, as the broker told us of it: also our own. */
interface Present {
  readonly monitor: Id;
  readonly isPreferred: boolean;
  readonly heard_ms: number;
}

/**
 * Which instance of a service says what is computed for a broker's audience, where several monitors share the broker:
 * of those that are there the lowest of the preferred, or, where none is, the lowest. It knows the others by their
 * presence, and that it is itself there by the answers to its own. Whether one is preferred counts from when the broker
 * tells of it, for itself as for the others: so that they agree.
 */
export class Election implements Turn {
  readonly #wire: Wire;
  readonly #speaker: Speaker;
  readonly #clock: Clock;
  readonly #unheard: () => void;
  readonly #listeners = new Set<(speaks: boolean) => void>();
  /** By monitor and instance. */
  readonly #there = new Map<string, Present>();
  #releases: (() => Promise<void> | void)[] = [];
  #timer: Timer | undefined;
  /**
   * When the newest sign of ours was sent that the broker has acknowledged, by both clocks: the monotonic one of a
   * virtual machine stands still with it.
   */
  #confirmed = { monotonic_ms: -Infinity, wall_ms: -Infinity };
  #renewing = false;
  /** A sign of ours came back on this connection, and so, before it, all presences that the broker kept. */
  #echoed = false;
  /** What listeners were last told. */
  #told = false;
  #isPreferred = false;
  /** The own presence has been said, and was not taken back. */
  #running = false;

  /**
   * @param wire the presence connection: its life is what counts.
   * @param unheard called when our turn ends because the broker may no longer hear us, and not because somebody else's
   *   has come: what we said before must not reach it later.
   */
  constructor(wire: Wire, speaker: Speaker, clock: Clock, unheard: () => void) {
    this.#wire = wire;
    this.#speaker = speaker;
    this.#clock = clock;
    this.#unheard = unheard;
  }

  /** To be asked right before anything is said. */
  get speaks(): boolean {
    // Whoever stood still may be asked before its timers have fired: it is over for all that listen, from here on.
    if (this.#told && !this.#mayCount()) this.#judge();
    return this.#told;
  }

  get monitors(): ReadonlySet<Id> {
    this.#forget();
    return new Set([...this.#there.values()].map(({ monitor }) => monitor));
  }

  /** Whether this instance says of itself that it is preferred. */
  get isPreferred(): boolean {
    return this.#isPreferred;
  }

  prefer(isPreferred: boolean): void {
    if (isPreferred === this.#isPreferred) return;
    this.#isPreferred = isPreferred;
    // Kept, so that who comes later knows it at once.
    if (this.#running) this.#wire.say(channels.presence, this.#speaker, presenceNow(this.#clock.now_ms(), isPreferred));
  }

  /** Calls back when it is its turn, and when no longer. The function that it gives ends that. */
  onChange(listener: (speaks: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins once the own presence has been said. */
  async start(): Promise<void> {
    const { service } = this.#speaker;
    this.#running = true;
    this.#releases.push(
      this.#wire.bus.onConnection((connected) => {
        // What was there is heard anew on the next connection.
        this.#there.clear();
        this.#echoed = false;
        if (connected) this.#renew();
        this.#judge();
      }),
      await this.#wire.hear(channels.presence, { service }, ({ parameters, value, message }) => {
        const each = key(parameters.monitor, parameters.instance);
        const { monitor } = parameters;
        const heard_ms = this.#clock.monotonic_ms();
        if (value === undefined) this.#there.delete(each);
        else this.#there.set(each, { monitor, heard_ms, isPreferred: value.preferred === true });
        if (each === this.#own && value !== undefined && !message.retain) this.#echoed = true;
        this.#judge();
      }),
    );
    this.#tick();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    this.#echoed = false;
    this.#tell(false);
    for (const release of this.#releases.splice(0)) await release();
  }

  #tick(): void {
    this.#timer = this.#clock.after(RENEW_EVERY_MS, () => this.#tick());
    this.#renew();
    this.#judge();
  }

  /** Shows that we are there, with a message that is not kept: brokers on SD cards write what is. */
  #renew(): void {
    const { bus, base } = this.#wire;
    if (this.#renewing || !bus.connected) return;
    const sent = { monotonic_ms: this.#clock.monotonic_ms(), wall_ms: this.#clock.now_ms() };
    const topic = channels.presence.topic(base, this.#speaker);
    const payload = channels.presence.encode(presenceNow(sent.wall_ms, this.#isPreferred));
    this.#renewing = true;
    const done = (): void => {
      this.#renewing = false;
    };
    bus.publish({ topic, payload, qos: 1, retain: false, expiry_s: SILENT_AFTER_MS / 1000 });
    // Acknowledged or given up: on a connection that broke meanwhile it was not acknowledged in time.
    bus.flushed().then(() => {
      done();
      if (!this.#isRecent(sent)) return;
      this.#confirmed = sent;
      this.#judge();
    }, done);
  }

  get #own(): string {
    return key(this.#speaker.monitor, this.#speaker.instance);
  }

  #mayCount(): boolean {
    return this.#isRecent(this.#confirmed);
  }

  /** A wall clock that was set forward costs a moment of silence; one that was set back, nothing. */
  #isRecent({ monotonic_ms, wall_ms }: { readonly monotonic_ms: number; readonly wall_ms: number }): boolean {
    const age_ms = Math.max(this.#clock.monotonic_ms() - monotonic_ms, this.#clock.now_ms() - wall_ms);
    return age_ms <= SILENT_AFTER_MS;
  }

  #forget(): void {
    const oldest_ms = this.#clock.monotonic_ms() - FORGET_AFTER_MS;
    for (const [each, { heard_ms }] of this.#there) if (heard_ms < oldest_ms) this.#there.delete(each);
  }

  #isFirst(): boolean {
    this.#forget();
    const own = this.#there.get(this.#own)?.isPreferred === true;
    return [...this.#there].every(([each, { isPreferred }]) => (isPreferred === own ? each >= this.#own : own));
  }

  #judge(): void {
    const isHeard = this.#mayCount() && this.#echoed;
    const endsUnheard = this.#told && !isHeard;
    this.#tell(isHeard && this.#isFirst());
    if (endsUnheard) this.#unheard();
  }

  #tell(speaks: boolean): void {
    if (speaks === this.#told) return;
    this.#told = speaks;
    for (const listener of this.#listeners) listener(speaks);
  }
}

/** One text to compare by. */
function key(monitor: string, instance: string): string {
  return `${monitor}/${instance}`;
}
