/**
 * How many devices may be probed in one second beside those whose turn it is: first probes after a start, and turns
 * missed in a stall. 500 a second start 10,000 devices within 20 s, and are 4 % of what one fping sends in a second.
 */
export const DEFAULT_BURST_PER_S = 500;

/** The schedule's grain: callers ask what is due about once a second, so turns and deadlines fall on whole seconds. */
const GRAIN_MS = 1000;

interface Entry {
  readonly key: string;
  ring: Ring;
  slot: Set<Entry>;
  /** When it was last due: the beginning of its turn, where it was its turn. `-Infinity` before the first time. */
  last_ms: number;
  /** Stands in the queue of those that wait for a place in the burst. */
  waiting: boolean;
  /** When it is wanted again outside its turns. */
  again_ms: number | undefined;
}

/** All devices of one interval: a wheel with a slot for each second of it. */
class Ring {
  readonly interval_ms: number;
  readonly #width_ms: number;
  readonly #slots: readonly Set<Entry>[];
  #next: number;
  size = 0;

  constructor(interval_ms: number, now_ms: number) {
    this.interval_ms = interval_ms;
    const count = Math.max(1, Math.floor(interval_ms / GRAIN_MS));
    this.#width_ms = interval_ms / count;
    this.#slots = Array.from({ length: count }, () => new Set<Entry>());
    this.#next = Math.floor(now_ms / this.#width_ms) + 1;
  }

  /**
   * The emptier of two slots that the key's hash names. One hash alone would fill slots like rain (at 167 a slot the
   * fullest of 60 stands 20 % above the mean); the choice of two keeps all within a few devices of the mean
   * (Azar, Broder, Karlin, Upfal: Balanced Allocations, 1994).
   */
  slotFor(key: string): Set<Entry> {
    const first = this.#slots[hash(key, 0x811c9dc5) % this.#slots.length]!;
    const second = this.#slots[hash(key, 0x01000193) % this.#slots.length]!;
    return second.size < first.size ? second : first;
  }

  /** Turns the wheel to `now_ms`: slots whose turn is now, then those whose turn was missed, each slot at most once. */
  turn(now_ms: number): { now: Set<Entry> | undefined; began_ms: number; missed: Set<Entry>[] } {
    const last = Math.floor(now_ms / this.#width_ms);
    const began_ms = last * this.#width_ms;
    if (last < this.#next) return { now: undefined, began_ms, missed: [] };
    const missed: Set<Entry>[] = [];
    for (let turn = Math.max(this.#next, last - this.#slots.length + 1); turn < last; turn += 1) {
      missed.push(this.#slots[turn % this.#slots.length]!);
    }
    this.#next = last + 1;
    return { now: this.#slots[last % this.#slots.length], began_ms, missed };
  }
}

/**
 * Which device is to be probed when. Pure: the caller says what time it is, by a clock that never goes back, and asks
 * about once a second.
 *
 * Every device has a phase of its own within its interval, so that the load is even. A device that is added is due at
 * once and then in its phase; the turn that would come within half an interval of the last probe is passed over, so
 * that no interval has two. After a stall every device whose turn was missed is due once, not once for each turn.
 */
export class Schedule {
  readonly #burst_per_s: number;
  readonly #entries = new Map<string, Entry>();
  readonly #rings = new Map<number, Ring>();
  readonly #waiting: Entry[] = [];
  #waitingFrom = 0;
  readonly #again = new Map<number, Entry[]>();
  #allowance: number;
  #allowedAt_ms = -Infinity;

  constructor(burst_per_s: number = DEFAULT_BURST_PER_S) {
    this.#burst_per_s = burst_per_s;
    this.#allowance = burst_per_s;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Tells whether devices wait for their first probe or a missed one. */
  get behind(): boolean {
    return this.#waiting.length > this.#waitingFrom;
  }

  /** Adds a device, due at once; or gives one that is known another interval, within which it is due next. */
  set(key: string, interval_s: number, now_ms: number): void {
    const interval_ms = interval_s * 1000;
    const known = this.#entries.get(key);
    if (known?.ring.interval_ms === interval_ms) return;
    const ring = this.#ring(interval_ms, now_ms);
    const slot = ring.slotFor(key);
    if (known === undefined) {
      const entry: Entry = { key, ring, slot, last_ms: -Infinity, waiting: false, again_ms: undefined };
      this.#entries.set(key, entry);
      this.#wait(entry);
      this.#place(entry);
    } else {
      this.#displace(known);
      known.ring = ring;
      known.slot = slot;
      this.#place(known);
    }
  }

  /** Takes a device out; it is not due any more. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#displace(entry);
    entry.waiting = false;
    entry.again_ms = undefined;
    this.#entries.delete(key);
  }

  /** Makes a device due at a moment outside its turns as well; the newest word counts. */
  again(key: string, at_ms: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.again_ms = at_ms;
    const second = Math.ceil(at_ms / GRAIN_MS);
    const bucket = this.#again.get(second);
    if (bucket === undefined) this.#again.set(second, [entry]);
    else bucket.push(entry);
  }

  /** Makes a device due as soon as the burst allows. */
  soon(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#wait(entry);
  }

  /** The devices that are due by `now_ms` and were not given before, each once. */
  due(now_ms: number): string[] {
    const due: string[] = [];
    const take = (entry: Entry, turn_ms = now_ms): void => {
      entry.waiting = false;
      entry.again_ms = undefined;
      entry.last_ms = turn_ms;
      due.push(entry.key);
    };
    for (const ring of this.#rings.values()) {
      const { now, began_ms, missed } = ring.turn(now_ms);
      // Of a turn that is seen late the beginning counts, or a short interval's next turn would seem too soon.
      for (const entry of now ?? []) if (isTurn(entry, now_ms)) take(entry, began_ms);
      for (const slot of missed) for (const entry of slot) if (isTurn(entry, now_ms)) this.#wait(entry);
    }
    const second = Math.floor(now_ms / GRAIN_MS);
    for (const [at, entries] of this.#again) {
      if (at > second) continue;
      this.#again.delete(at);
      for (const entry of entries) if (entry.again_ms !== undefined && entry.again_ms <= now_ms) take(entry);
    }
    this.#takeWaiting(now_ms, take);
    return due;
  }

  #takeWaiting(now_ms: number, take: (entry: Entry) => void): void {
    const earned = ((now_ms - this.#allowedAt_ms) / 1000) * this.#burst_per_s;
    this.#allowance = Math.min(this.#burst_per_s, this.#allowance + earned);
    this.#allowedAt_ms = now_ms;
    while (this.#allowance >= 1) {
      const entry = this.#waiting[this.#waitingFrom];
      if (entry === undefined) break;
      this.#waitingFrom += 1;
      if (!entry.waiting) continue;
      this.#allowance -= 1;
      take(entry);
    }
    if (this.#waitingFrom === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#waitingFrom = 0;
    }
  }

  #wait(entry: Entry): void {
    if (entry.waiting) return;
    entry.waiting = true;
    this.#waiting.push(entry);
  }

  #ring(interval_ms: number, now_ms: number): Ring {
    const known = this.#rings.get(interval_ms);
    if (known !== undefined) return known;
    const ring = new Ring(interval_ms, now_ms);
    this.#rings.set(interval_ms, ring);
    return ring;
  }

  #place(entry: Entry): void {
    entry.slot.add(entry);
    entry.ring.size += 1;
  }

  #displace(entry: Entry): void {
    entry.slot.delete(entry);
    entry.ring.size -= 1;
    if (entry.ring.size === 0) this.#rings.delete(entry.ring.interval_ms);
  }
}

/** A turn counts unless the device was due less than half its interval ago. */
function isTurn(entry: Entry, now_ms: number): boolean {
  return now_ms - entry.last_ms >= entry.ring.interval_ms / 2;
}

/** FNV-1a of 32 bits, with murmur's last mix, since FNV's low bits alone repeat for keys that differ in one digit. */
function hash(key: string, seed: number): number {
  let value = seed;
  for (let index = 0; index < key.length; index += 1) {
    value = Math.imul(value ^ key.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
