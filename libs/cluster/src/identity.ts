import type { Header, Id } from '@guaita/model';
import { isBelievable } from './believable.ts';
import { compareHeaders } from './record.ts';

/** Beats begin anywhere below this: a former self with our incarnation is told from an echo of ourselves by it. */
const FIRST_BEAT_BELOW = 2 ** 40;
/** Someone who speaks under our id for so long is no message of a former self that was late. */
const DOUBLE_AFTER_ms = 5_000;
/** Someone who has not been heard for so long is gone. */
const DOUBLE_GONE_ms = 10_000;
/** Two hosts under one id would raise their incarnations over each other's with every message. */
const RAISE_PAUSE_ms = 2_000;

type Beat = Pick<Header, 'incarnation' | 'beat'>;

/** Who this monitor is to the others: its host, its incarnation, its beats; and whether someone else uses its id. */
export class Identity {
  readonly #self: Id;
  readonly #hostKey: string;
  readonly #firstBeat: number;
  #incarnation: number;
  #beat: number;
  /** What the incarnation must be greater than. */
  #exceed = 0;
  #nextRaise_ms = -Infinity;
  #other: (Beat & { readonly hostKey: string; readonly since_ms: number; readonly last_ms: number }) | undefined;

  constructor(self: Id, hostKey: string, incarnation: number, random: () => number) {
    this.#self = self;
    this.#hostKey = hostKey;
    this.#incarnation = incarnation;
    this.#firstBeat = Math.floor(random() * FIRST_BEAT_BELOW);
    this.#beat = this.#firstBeat;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  get beat(): number {
    return this.#beat;
  }

  nextBeat(): void {
    this.#beat += 1;
  }

  /** A header under our own id: an echo, a former self, or somebody else. */
  heardOwn(header: Header, stored: boolean, now_ms: number): void {
    const mine = header.incarnation === this.#incarnation && header.host_key === this.#hostKey;
    if (mine && header.beat >= this.#firstBeat && header.beat <= this.#beat) return;
    if (!stored) this.#note(header, now_ms);
    this.exceed(header.incarnation);
  }

  /**
   * Others know an incarnation of us that is not this one: ours has to be greater, or they would not hear us. One that no
   * run of ours can have had is not followed: one message would use up all that there are.
   */
  exceed(incarnation: number): void {
    if (!isBelievable(incarnation, this.#incarnation)) return;
    this.#exceed = Math.max(this.#exceed, incarnation);
  }

  /** Raises the incarnation when it must be. Tells whether it did. */
  raise(now_ms: number): boolean {
    if (this.#exceed < this.#incarnation || now_ms < this.#nextRaise_ms || this.problem(now_ms) !== undefined)
      return false;
    this.#nextRaise_ms = now_ms + RAISE_PAUSE_ms;
    this.#incarnation = this.#exceed + 1;
    return true;
  }

  /** Another host lives under our id: who, and how it is mended. */
  problem(now_ms: number): string | undefined {
    const other = this.#other;
    if (other === undefined || now_ms >= other.last_ms + DOUBLE_GONE_ms) return undefined;
    if (other.last_ms - other.since_ms < DOUBLE_AFTER_ms) return undefined;
    const hosts = `hosts ${this.#hostKey} (this one) and ${other.hostKey}`;
    return `two live monitors are called "${this.#self}": ${hosts}; this one claims nothing until one has another id or is stopped`;
  }

  /** When `problem` ends by itself, or the incarnation may be raised. */
  nextDeadline_ms(now_ms: number): number {
    if (this.problem(now_ms) !== undefined) return (this.#other?.last_ms ?? 0) + DOUBLE_GONE_ms;
    return this.#exceed < this.#incarnation ? Infinity : this.#nextRaise_ms;
  }

  /** Only what advances is life: that of another host, or of a copy of this one. */
  #note(header: Header, now_ms: number): void {
    const other = this.#other;
    if (other !== undefined && other.hostKey === header.host_key && compareHeaders(header, other) <= 0) return;
    const goesOn = other?.hostKey === header.host_key && now_ms < other.last_ms + DOUBLE_GONE_ms;
    this.#other = {
      hostKey: header.host_key,
      incarnation: header.incarnation,
      beat: header.beat,
      since_ms: goesOn ? other.since_ms : now_ms,
      last_ms: now_ms,
    };
  }
}
