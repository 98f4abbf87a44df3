import type { Id } from '@guaita/model';
import { isBelievable } from './believable.ts';
import { DOUBT_ms, Life, type Session } from './life.ts';
import type { Patience } from './link.ts';
import { KNOWN_LIMIT } from './peers.ts';

/** What was said before a session ended has come through by then; a beat that comes later was said after it. */
const UNDER_WAY_ms = 3_000;

/** A session, and whose it is. */
interface HostSession extends Session {
  readonly host_key: string;
}

/**
 * Who lives, by this host's monotonic clock alone. A monitor lives by the best source that vouches for it. When that
 * falls silent it is dead at once, for its devices need a watcher; when a slower source vouches for it anew later, and
 * once more, the path was down and not the host, and it lives by that one until a faster is heard again.
 */
export class Liveness {
  readonly #patience: readonly Patience[];
  readonly #lives = new Map<Id, Life>();
  /** Those of them of whom nothing is known but that they have ended: anyone may make such up. */
  readonly #strangers = new Set<Id>();
  /** The first for which there was no room. */
  #leftOut: Id | undefined;

  /** @param patience the sources, the fastest first. Other links carry state, never life. */
  constructor(patience: readonly Patience[]) {
    this.#patience = patience;
  }

  /**
   * An advancing beat was heard: it was said in this session, after all that was heard before.
   *
   * @returns the incarnation that the monitor must exceed, when somebody speaks under the session that ended or an older
   *   one. Another host than the one whose session it was lost its disk, and knows nothing of its former runs; the same
   *   host, when it goes on, never ended: somebody made that up.
   */
  vouch(monitor: Id, link: Id, session: HostSession, now_ms: number): number | undefined {
    const source = this.#source(link);
    if (source === undefined) return undefined;
    const life = this.#life(monitor);
    // What was still under way when the session ended is no life; only by a slower path it may have gone on.
    const { ended } = life;
    if (ended !== undefined && source <= ended.source && compareSessions(session, ended) <= 0)
      return now_ms >= ended.at_ms + (session.host_key === life.endedHost ? DOUBT_ms : UNDER_WAY_ms)
        ? ended.incarnation
        : undefined;
    const goesOn = this.#isFresh(life, source, now_ms);
    life.heard_ms[source] = now_ms;
    life.beats(source, goesOn, now_ms);
    return undefined;
  }

  /**
   * A source that knows at once gives its word on a host (Serf's members); `undefined`: it takes back what it said.
   */
  word(monitor: Id, link: Id, alive: boolean | undefined, now_ms: number): void {
    const source = this.#source(link);
    if (source !== undefined) this.#life(monitor).isSaid(alive, source, now_ms);
  }

  /**
   * A link had kept a header of the monitor for us. That tells no life, but that it speaks there: not to be heard there
   * from now on is silence, and no slower source is believed at once against it.
   */
  met(monitor: Id, link: Id, now_ms: number): void {
    const source = this.#source(link);
    if (source !== undefined) this.#life(monitor).isSilentOn(source, now_ms);
  }

  /**
   * A goodbye or a will: that session is over. One that no run can have had was made up. `known` is the newest session that
   * is known of the monitor.
   */
  end(monitor: Id, link: Id, ended: Session, known: HostSession | undefined, now_ms: number): void {
    const source = this.#source(link);
    if (source === undefined || (known !== undefined && compareSessions(known, ended) > 0)) return;
    if (!isBelievable(ended.incarnation, known?.incarnation ?? 0)) return;
    const life = known === undefined ? this.#strange(monitor) : this.#life(monitor);
    if (life === undefined) return;
    life.ended = { incarnation: ended.incarnation, session: ended.session, source, at_ms: now_ms };
    life.endedHost = known?.incarnation === ended.incarnation ? known.host_key : undefined;
    if (life.best === source) life.fallSilent(source, now_ms);
    else life.isSilentOn(source, now_ms);
  }

  /** A link of ours is down: the words that it gave on others are taken back. */
  lost(link: Id, now_ms: number): void {
    const source = this.#source(link);
    if (source === undefined) return;
    for (const life of this.#lives.values()) life.isSaid(undefined, source, now_ms);
  }

  /** Lets die who has been silent for too long. */
  advance(now_ms: number): void {
    for (const life of this.#lives.values()) {
      const { best } = life;
      if (best !== undefined && this.#expires_ms(life, best) <= now_ms) life.fallSilent(best, now_ms);
    }
  }

  /** This host stood still for a while: nobody could be heard, and nobody's silence counts. */
  excuse(pause_ms: number, now_ms: number): void {
    for (const { heard_ms } of this.#lives.values())
      heard_ms.forEach((at_ms, source) => {
        if (at_ms !== undefined) heard_ms[source] = Math.min(now_ms, at_ms + pause_ms);
      });
  }

  /** Something was said of its life: that it lives, or that it has ended. */
  hasHeardOf(monitor: Id): boolean {
    return this.#lives.has(monitor);
  }

  /** The incarnation of its last session that ended, as far as is known. */
  endedIncarnation(monitor: Id): number | undefined {
    return this.#lives.get(monitor)?.ended?.incarnation;
  }

  isAlive(monitor: Id): boolean {
    return this.#lives.get(monitor)?.best !== undefined;
  }

  /** The links over which it is heard now. */
  links(monitor: Id, now_ms: number): readonly Id[] {
    const life = this.#lives.get(monitor);
    if (life === undefined) return [];
    const isHeard = (source: number): boolean => life.words[source] ?? this.#isFresh(life, source, now_ms);
    return this.#patience.filter((_, source) => isHeard(source)).map(({ link }) => link);
  }

  /** When `advance` has something to do next. */
  get nextDeadline_ms(): number {
    let next_ms = Infinity;
    for (const life of this.#lives.values())
      if (life.best !== undefined) next_ms = Math.min(next_ms, this.#expires_ms(life, life.best));
    return next_ms;
  }

  forget(monitor: Id): void {
    this.#lives.delete(monitor);
    if (this.#strangers.delete(monitor)) this.#leftOut = undefined;
  }

  /** What was known of a monitor was made up: so was what ended. */
  renew(monitor: Id): void {
    const life = this.#lives.get(monitor);
    if (life !== undefined) life.ended = undefined;
  }

  /** Why what is said of the life of some monitor counts for nothing here, and how it is mended. */
  get problem(): string | undefined {
    if (this.#leftOut === undefined) return undefined;
    return (
      `of ${KNOWN_LIMIT} monitors it is only said that they have ended, and "${this.#leftOut}" is passed over ` +
      'with all such that come after: find who makes them up'
    );
  }

  #isFresh(life: Life, source: number, now_ms: number): boolean {
    return this.#expires_ms(life, source) > now_ms;
  }

  #expires_ms(life: Life, source: number): number {
    const { silence_ms } = this.#patience[source] as Patience;
    return (life.heard_ms[source] ?? -Infinity) + silence_ms;
  }

  #source(link: Id): number | undefined {
    const source = this.#patience.findIndex((patience) => patience.link === link);
    return source < 0 ? undefined : source;
  }

  /** The life of a monitor that is known. */
  #life(monitor: Id): Life {
    if (this.#strangers.delete(monitor)) this.#leftOut = undefined;
    const life = this.#lives.get(monitor) ?? new Life();
    this.#lives.set(monitor, life);
    return life;
  }

  /** The life of a monitor that is not known; `undefined` when there is no room for one more. */
  #strange(monitor: Id): Life | undefined {
    const known = this.#lives.get(monitor);
    if (known !== undefined) return known;
    if (this.#strangers.size >= KNOWN_LIMIT) {
      this.#leftOut ??= monitor;
      return undefined;
    }
    this.#strangers.add(monitor);
    const life = new Life();
    this.#lives.set(monitor, life);
    return life;
  }
}

/** Below 0 when the first session is before the second, above 0 when after. */
function compareSessions(a: Session, b: Session): number {
  return a.incarnation - b.incarnation || a.session - b.session;
}
