import type { Id } from '@guaita/model';
import type { Patience } from './link.ts';

/** It says that it takes devices so long before it does: those who begin together plan for each other from the start. */
const ANNOUNCED_ms = 500;
/**
 * Where nobody else was ever heard of, this long after a link stands it would have told what it keeps of others: a broker
 * answers a subscription in milliseconds, a busy small one in some hundred.
 */
const HUSH_ms = 500;
/**
 * Nothing is waited for longer than this beyond the wait itself. On a Raspberry Pi a broker is up in seconds after its
 * host, and the claims of 60 monitors are read in some ten: what takes three times as long may never end, and the
 * devices need a watcher.
 */
const LONGEST_ms = 30_000;

/**
 * The first moments of a monitor. Where others may be, it decides nothing before their beats could be heard, or each
 * restart would claim everything; and until shortly before that it takes no device, or others would leave to it what it
 * does not watch yet.
 *
 * Beats can be heard over a link that stands and has told all that it had stored: beats come after that. From then on
 * each link is listened to for as long as others may be silent on it, and the first that is through will do. A monitor
 * that has never heard of another listens for a moment only, until it does.
 */
export class Beginning {
  /** How long others may be silent on each link that tells of life. */
  readonly #silences_ms: ReadonlyMap<Id, number>;
  /** Since when each link that stands has told nothing that was stored. */
  readonly #since_ms = new Map<Id, number>();
  #alone: boolean;
  #began_ms = Infinity;

  /** @param alone nobody else was ever heard of */
  constructor(patience: readonly Patience[], alone: boolean) {
    const waits = patience.filter(({ silence_ms }) => silence_ms > 0 && Number.isFinite(silence_ms));
    this.#silences_ms = new Map(waits.map(({ link, silence_ms }) => [link, silence_ms]));
    this.#alone = alone;
  }

  begin(now_ms: number): void {
    this.#began_ms = now_ms;
  }

  /** A link can carry messages now, or no longer. */
  connected(link: Id, connected: boolean, now_ms: number): void {
    if (this.decides(now_ms) || !this.#silences_ms.has(link)) return;
    if (connected) this.#since_ms.set(link, now_ms);
    else this.#since_ms.delete(link);
  }

  /**
   * A link has carried a message.
   *
   * @param ofAnother it tells of another monitor, not of what this one said before
   */
  heard(link: Id, stored: boolean, ofAnother: boolean, now_ms: number): void {
    if (this.decides(now_ms)) return;
    if (ofAnother) this.#alone = false;
    if (stored && this.#since_ms.has(link)) this.#since_ms.set(link, now_ms);
  }

  /** Devices may be planned for it. */
  takes(now_ms: number): boolean {
    return now_ms >= this.#takes_ms;
  }

  /** It claims and releases. What it once does, it does from then on. */
  decides(now_ms: number): boolean {
    return now_ms >= this.#decides_ms;
  }

  /** When one of these changes. */
  nextDeadline_ms(now_ms: number): number {
    if (!this.takes(now_ms)) return this.#takes_ms;
    return this.decides(now_ms) ? Infinity : this.#decides_ms;
  }

  get #takes_ms(): number {
    return this.#alone ? this.#decides_ms : Math.max(this.#began_ms, this.#decides_ms - ANNOUNCED_ms);
  }

  get #decides_ms(): number {
    if (this.#silences_ms.size === 0) return this.#began_ms;
    let next_ms = this.#began_ms + Math.min(...this.#silences_ms.values()) + LONGEST_ms;
    for (const [link, since_ms] of this.#since_ms) {
      const silence_ms = this.#silences_ms.get(link) as number;
      next_ms = Math.min(next_ms, since_ms + (this.#alone ? Math.min(HUSH_ms, silence_ms) : silence_ms));
    }
    return next_ms;
  }
}
