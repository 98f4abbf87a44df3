import type { Id } from '@guaita/model';

/**
 * What a monitor has sent crosses within this time, from when it is first heard: its broker, or the bridge, then gives
 * ours all that it keeps, which on a loaded host takes some seconds.
 */
const CROSSING_ms = 10_000;
/**
 * Who is not heard within this time is dead, or cut off. A peer's broker tries again to reach ours after 15 s at most, a
 * Mosquitto's bridge after 30 s (`restart_timeout`), and a try takes its time, too.
 */
const AWAY_ms = 45_000;

/**
 * From when on this monitor may take for not sent what it has not heard of: it has heard all others since it listens, and
 * what they keep has crossed. Nobody can tell one that is dead from one that has yet to reach our broker.
 */
export class Hearing {
  #listening_ms: number | undefined;
  #expected: ReadonlySet<Id> = new Set();
  readonly #heard_ms = new Map<Id, number>();
  #ready_ms = Infinity;

  /** Infinity: it cannot hear. */
  get ready_ms(): number {
    return this.#ready_ms;
  }

  /** What the broker keeps has been heard. @param expected those whose words reach it. */
  listening(expected: Iterable<Id>, now_ms: number): void {
    this.#listening_ms = now_ms;
    this.#expected = new Set(expected);
    this.#look();
  }

  /** Nothing is heard until it listens again. */
  deaf(): void {
    this.#listening_ms = undefined;
    this.#heard_ms.clear();
    this.#look();
  }

  /** A monitor speaks now. @returns whether it was not heard before. */
  hears(monitor: Id, now_ms: number): boolean {
    if (this.#heard_ms.has(monitor)) return false;
    this.#heard_ms.set(monitor, now_ms);
    this.#look();
    return true;
  }

  #look(): void {
    if (this.#listening_ms === undefined) {
      this.#ready_ms = Infinity;
      return;
    }
    const isComplete = [...this.#expected].every((monitor) => this.#heard_ms.has(monitor));
    const crossed_ms = [...this.#heard_ms.values()].map((heard_ms) => heard_ms + CROSSING_ms);
    this.#ready_ms = Math.max(this.#listening_ms + (isComplete ? 0 : AWAY_ms), ...crossed_ms);
  }
}
