/**
 * How long after the silence of a faster source began a slower one must vouch to be believed: by then whatever the
 * slower one still carried of the monitor's last moments has come through (AntidoteDB replicates in 1.6 to 2.6 s).
 */
export const DOUBT_ms = 10_000;

/**
 * So long after a first beat over such a slower source a second must come. What a way that was cut held back of a dead
 * monitor's last moments comes all at once, within seconds, when it is open again; who lives beats again (AntidoteDB: 60 s).
 */
const AGAIN_ms = 30_000;

/** A run of a monitor between two connections to its broker. */
export interface Session {
  readonly incarnation: number;
  readonly session: number;
}

interface Silence {
  readonly source: number;
  readonly since_ms: number;
  /** When each slower source first vouched anew after the doubt. */
  readonly first_ms: (number | undefined)[];
}

/** What is known of one monitor's life. Sources are numbers, the fastest 0. */
export class Life {
  #best: number | undefined;
  #silence: Silence | undefined;
  /** When each source last vouched. */
  readonly heard_ms: (number | undefined)[] = [];
  /** What a source that gives its word (Serf) says of it now. */
  readonly words: (boolean | undefined)[] = [];
  /** Its last session that ended, and the source that told. */
  ended: (Session & { readonly source: number; readonly at_ms: number }) | undefined;
  /** The host whose session it was, if that was known. */
  endedHost: string | undefined;

  /** The source that it lives by; `undefined` when it is taken for dead. */
  get best(): number | undefined {
    return this.#best;
  }

  /** It lives by this source, if by no better. */
  live(source: number): void {
    this.#best = Math.min(this.#best ?? source, source);
  }

  /** The source that it lives by is silent: it is taken for dead. */
  fallSilent(source: number, now_ms: number): void {
    this.#best = undefined;
    this.#silence = { source, since_ms: now_ms, first_ms: [] };
  }

  /** If it does not live, it is not heard over this source either. */
  isSilentOn(source: number, now_ms: number): void {
    if (this.#best !== undefined || (this.#silence !== undefined && source >= this.#silence.source)) return;
    this.fallSilent(source, now_ms);
  }

  /**
   * A source vouches anew. Against the silence of a faster one it is believed the second time only.
   *
   * @param goesOn the source was not silent itself since it last vouched
   */
  beats(source: number, goesOn: boolean, now_ms: number): void {
    const doubt = this.#doubt(source);
    if (doubt === undefined) {
      this.live(source);
      return;
    }
    if (now_ms < doubt.since_ms + DOUBT_ms) return;
    const first_ms = doubt.first_ms[source];
    if (!goesOn || first_ms === undefined) doubt.first_ms[source] = now_ms;
    else if (now_ms >= first_ms + AGAIN_ms) this.live(source);
  }

  /**
   * A source that knows at once gives its word that the host lives, or has died; or takes its word back. A host that lives
   * is no monitor that does, so that nobody lives by a word; who was taken for dead by one is believed again at its next
   * beat when it is taken back. A death that is told again tells nothing new: its beats have answered, or will.
   */
  isSaid(alive: boolean | undefined, source: number, now_ms: number): void {
    const before = this.words[source];
    this.words[source] = alive;
    if (alive !== false) {
      if (this.#best === undefined && this.#silence?.source === source) this.#silence = undefined;
    } else if (before !== false) {
      if (this.#best !== undefined && this.#best > source) this.fallSilent(source, now_ms);
      else this.isSilentOn(source, now_ms);
    }
  }

  /** The silence of a faster source, because of which this one is not believed at once. */
  #doubt(source: number): Silence | undefined {
    return this.#best === undefined && this.#silence !== undefined && source > this.#silence.source
      ? this.#silence
      : undefined;
  }
}
