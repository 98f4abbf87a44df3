/** How many devices beyond those whose turn it is are let in with each look: after a start all are due at once. */
export const DEFAULT_BURST = 500;

interface Turn {
  readonly interval_ms: number;
  next_ms: number;
  /** Not yet polled since it was added. */
  fresh: boolean;
}

/**
 * When each device is polled. Pure: the caller says what time it is, by a clock that never goes back.
 *
 * Each device has a phase of its own within its interval (a hash of its id), so that the load is even. A new one is due
 * at once, then in its phase. Turns missed in a stall are one turn, not many.
 */
export class Schedule {
  readonly #burst: number;
  readonly #turns = new Map<string, Turn>();

  constructor(burst = DEFAULT_BURST) {
    this.#burst = burst;
  }

  get size(): number {
    return this.#turns.size;
  }

  /** Adds a device, due at once; or gives a known one another interval. */
  set(key: string, interval_s: number, now_ms: number): void {
    const interval_ms = interval_s * 1000;
    if (this.#turns.get(key)?.interval_ms === interval_ms) return;
    this.#turns.set(key, { interval_ms, next_ms: now_ms, fresh: true });
  }

  delete(key: string): void {
    this.#turns.delete(key);
  }

  /** The devices whose turn has come by `now_ms`, each once; of new ones at most the burst. */
  due(now_ms: number): string[] {
    const due: string[] = [];
    let fresh = 0;
    for (const [key, turn] of this.#turns) {
      if (turn.next_ms > now_ms) continue;
      if (turn.fresh && fresh >= this.#burst) continue;
      if (turn.fresh) fresh += 1;
      turn.next_ms = nextTurn(key, turn, now_ms);
      turn.fresh = false;
      due.push(key);
    }
    return due;
  }
}

/**
 * The device's next turn. After its first poll that is its phase, at least half an interval away, so that the first has
 * no second at its heels; from then on an interval after the last turn, however late that was seen.
 */
function nextTurn(key: string, { interval_ms, next_ms, fresh }: Turn, now_ms: number): number {
  if (!fresh && now_ms < next_ms + interval_ms) return next_ms + interval_ms;
  const phase_ms = (hash(key) / 2 ** 32) * interval_ms;
  const earliest_ms = now_ms + interval_ms / 2;
  return Math.ceil((earliest_ms - phase_ms) / interval_ms) * interval_ms + phase_ms;
}

/** FNV-1a of 32 bits with murmur's last mix, since names in a row differ in their last digit only. */
function hash(key: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) value = Math.imul(value ^ key.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
