import type { Patience } from './link.ts';

/** It says that it takes devices so long before it does: those who begin together plan for each other from the start. */
const ANNOUNCED_ms = 500;

/**
 * The first moments of a monitor. Where others may be, it decides nothing before their beats could be heard, or each
 * restart would claim everything; and until shortly before that it takes no device, or others would leave to it what it
 * does not watch yet.
 */
export class Beginning {
  readonly #wait_ms: number;
  #began_ms = Infinity;

  /** @param alone nobody else was ever heard of: nobody is waited for */
  constructor(patience: readonly Patience[], alone: boolean) {
    const silences_ms = patience.map(({ silence_ms }) => silence_ms).filter((ms) => ms > 0 && Number.isFinite(ms));
    this.#wait_ms = alone || silences_ms.length === 0 ? 0 : Math.min(...silences_ms);
  }

  begin(now_ms: number): void {
    this.#began_ms = now_ms;
  }

  /** Devices may be planned for it. */
  takes(now_ms: number): boolean {
    return now_ms >= this.#takes_ms;
  }

  /** It claims and releases. */
  decides(now_ms: number): boolean {
    return now_ms >= this.#began_ms + this.#wait_ms;
  }

  /** When one of these changes. */
  nextDeadline_ms(now_ms: number): number {
    if (!this.takes(now_ms)) return this.#takes_ms;
    return this.decides(now_ms) ? Infinity : this.#began_ms + this.#wait_ms;
  }

  get #takes_ms(): number {
    return this.#began_ms + Math.max(0, this.#wait_ms - ANNOUNCED_ms);
  }
}
