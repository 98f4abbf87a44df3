import type { Id } from '@guaita/model';
import type { Patience } from './link.ts';

/**
 * How long after the silence of a faster source began a slower one must vouch to be believed: by then whatever the
 * slower one still carried of the monitor's last moments has come through (AntidoteDB replicates in 1.6 to 2.6 s).
 */
export const DOUBT_ms = 10_000;

/** What was said before a session ended has come through by then; a beat that comes later was said after it. */
const UNDER_WAY_ms = 3_000;

/** A run of a monitor between two connections to its broker. */
export interface Session {
  readonly incarnation: number;
  readonly session: number;
}

/** A session, and whose it is. */
interface HostSession extends Session {
  readonly host_key: string;
}

/** What is known of one monitor's life. Sources are numbers, the fastest 0. */
interface Life {
  /** The source that it lives by; `undefined` when it is taken for dead. */
  best: number | undefined;
  /** When each source last vouched. */
  readonly heard_ms: (number | undefined)[];
  /** What a source with a standing word (Serf) says of it now. */
  readonly standing: (boolean | undefined)[];
  /** Which source fell silent, and when: slower ones are not believed for a while. */
  silence: { readonly source: number; readonly since_ms: number } | undefined;
  /** Its last session that ended, and the source that told. */
  ended: (Session & { readonly source: number; readonly at_ms: number }) | undefined;
  /** The host whose session it was, if that was known. */
  endedHost: string | undefined;
}

/**
 * Who lives, by this host's monotonic clock alone. A monitor lives by the best source that vouches for it. When that
 * falls silent it is dead at once, for its devices need a watcher; when a slower source vouches for it anew later, the
 * path was down and not the host, and it lives by that one until a faster is heard again.
 */
export class Liveness {
  readonly #patience: readonly Patience[];
  readonly #lives = new Map<Id, Life>();

  /** @param patience the sources, the fastest first. Other links carry state, never life. */
  constructor(patience: readonly Patience[]) {
    this.#patience = patience;
  }

  /**
   * An advancing beat was heard: it was said in this session, after all that was heard before.
   *
   * @returns the incarnation that the monitor must exceed, when another host than the one whose session ended speaks
   *   under that session or an older one: its disk was lost, and it knows nothing of its former runs.
   */
  vouch(monitor: Id, link: Id, session: HostSession, now_ms: number): number | undefined {
    const source = this.#source(link);
    if (source === undefined) return undefined;
    const life = this.#life(monitor);
    // What was still under way when the session ended is no life; only by a slower path it may have gone on.
    const { ended } = life;
    if (ended !== undefined && source <= ended.source && compareSessions(session, ended) <= 0)
      return now_ms >= ended.at_ms + UNDER_WAY_ms && session.host_key !== life.endedHost
        ? ended.incarnation
        : undefined;
    life.heard_ms[source] = now_ms;
    this.#believe(life, source, now_ms);
    return undefined;
  }

  /** A source that knows at once says whether it lives (Serf's members). */
  word(monitor: Id, link: Id, alive: boolean, now_ms: number): void {
    const source = this.#source(link);
    if (source === undefined) return;
    const life = this.#life(monitor);
    life.standing[source] = alive;
    if (alive) this.#believe(life, source, now_ms);
    else if (life.best !== undefined && life.best >= source) fallSilent(life, source, now_ms);
  }

  /** A goodbye or a will: that session is over. `known` is the newest session that is known of the monitor. */
  end(monitor: Id, link: Id, ended: Session, known: HostSession | undefined, now_ms: number): void {
    const source = this.#source(link);
    if (source === undefined || (known !== undefined && compareSessions(known, ended) > 0)) return;
    const life = this.#life(monitor);
    life.ended = { incarnation: ended.incarnation, session: ended.session, source, at_ms: now_ms };
    life.endedHost = known?.incarnation === ended.incarnation ? known.host_key : undefined;
    if (life.best === source) fallSilent(life, source, now_ms);
  }

  /** A link of ours is down: what it last said of others stands no longer, and says nothing against them. */
  lost(link: Id, now_ms: number): void {
    const source = this.#source(link);
    if (source === undefined) return;
    for (const life of this.#lives.values()) {
      const stood = life.standing[source] === true;
      life.standing[source] = undefined;
      if (!stood) continue;
      life.heard_ms[source] = now_ms;
      if (life.best !== source) continue;
      const slower = this.#patience.findIndex((_, other) => other > source && this.#isFresh(life, other, now_ms));
      if (slower >= 0) life.best = slower;
    }
  }

  /** Lets die who has been silent for too long, and live who is still vouched for after the time of doubt. */
  advance(now_ms: number): void {
    for (const life of this.#lives.values()) {
      if (life.best !== undefined && this.#expires_ms(life, life.best) <= now_ms) fallSilent(life, life.best, now_ms);
      if (life.best === undefined && life.silence !== undefined && life.silence.since_ms + DOUBT_ms <= now_ms) {
        const vouching = life.standing.indexOf(true);
        if (vouching >= 0) life.best = vouching;
      }
    }
  }

  /** This host stood still for a while: nobody could be heard, and nobody's silence counts. */
  excuse(pause_ms: number, now_ms: number): void {
    for (const { heard_ms } of this.#lives.values())
      heard_ms.forEach((at_ms, source) => {
        if (at_ms !== undefined) heard_ms[source] = Math.min(now_ms, at_ms + pause_ms);
      });
  }

  isAlive(monitor: Id): boolean {
    return this.#lives.get(monitor)?.best !== undefined;
  }

  /** The links over which it is heard now. */
  links(monitor: Id, now_ms: number): readonly Id[] {
    const life = this.#lives.get(monitor);
    if (life === undefined) return [];
    return this.#patience.filter((_, source) => this.#isFresh(life, source, now_ms)).map(({ link }) => link);
  }

  /** When `advance` has something to do next. */
  get nextDeadline_ms(): number {
    let next_ms = Infinity;
    for (const life of this.#lives.values()) {
      if (life.best !== undefined) next_ms = Math.min(next_ms, this.#expires_ms(life, life.best));
      else if (life.silence !== undefined && life.standing.includes(true))
        next_ms = Math.min(next_ms, life.silence.since_ms + DOUBT_ms);
    }
    return next_ms;
  }

  forget(monitor: Id): void {
    this.#lives.delete(monitor);
  }

  #believe(life: Life, source: number, now_ms: number): void {
    if (life.best !== undefined) {
      life.best = Math.min(life.best, source);
      return;
    }
    const { silence } = life;
    if (silence !== undefined && source > silence.source && now_ms < silence.since_ms + DOUBT_ms) return;
    life.best = source;
  }

  #isFresh(life: Life, source: number, now_ms: number): boolean {
    return this.#expires_ms(life, source) > now_ms;
  }

  #expires_ms(life: Life, source: number): number {
    if (life.standing[source] !== undefined) return life.standing[source] ? Infinity : -Infinity;
    const silence_ms = (this.#patience[source] as Patience).silence_ms;
    // A source that tells at once has no patience of its own; once lost, it is given the time of doubt.
    const patience_ms = silence_ms > 0 && Number.isFinite(silence_ms) ? silence_ms : DOUBT_ms;
    return (life.heard_ms[source] ?? -Infinity) + patience_ms;
  }

  #source(link: Id): number | undefined {
    const source = this.#patience.findIndex((patience) => patience.link === link);
    return source < 0 ? undefined : source;
  }

  #life(monitor: Id): Life {
    const known = this.#lives.get(monitor);
    if (known !== undefined) return known;
    const life: Life = {
      best: undefined,
      heard_ms: [],
      standing: [],
      silence: undefined,
      ended: undefined,
      endedHost: undefined,
    };
    this.#lives.set(monitor, life);
    return life;
  }
}

function fallSilent(life: Life, source: number, now_ms: number): void {
  life.best = undefined;
  life.silence = { source, since_ms: now_ms };
}

/** Below 0 when the first session is before the second, above 0 when after. */
function compareSessions(a: Session, b: Session): number {
  return a.incarnation - b.incarnation || a.session - b.session;
}
