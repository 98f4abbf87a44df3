import { add, assign, text, type BoundObject, type Update } from '@guaita/antidote';
import { BUCKETS, type ClaimBucket, type Header, type Id } from '@guaita/model';
import type { BelievedStore } from './believed-store.ts';
import type { Layout } from './layout.ts';
import { compareLives, encodeLife, headerDigest, type BucketVersions, type Life } from './life.ts';

/** Buckets in one transaction: with 50 claims each, some 300 KB. */
const BATCH = 64;

/** Buckets that are read back with each beat: all of them in ten minutes, for some 250 bytes a second. */
const VERIFIED_PER_BEAT = 26;

/**
 * What this monitor says of itself, and what of it stands in AntidoteDB. Written when it changes, all that changed in one
 * transaction, buckets before or with the header that counts them; the beat alone from time to time. What was
 * acknowledged may still be lost (a server that is killed), so it is read back, and what is missing is written again.
 */
export class OwnPart {
  readonly #self: Id;
  readonly #store: BelievedStore;
  readonly #layout: Layout;
  readonly #beat_ms: number;
  readonly #repair_ms: number;
  readonly #buckets = new Map<number, ClaimBucket>();
  /** Of each bucket, which content stands there as far as is known. */
  readonly #standing = new Map<number, ClaimBucket>();
  #header: Header | undefined;
  #standingHeader: { readonly digest: string; readonly text: string } | undefined;
  #standingVersions: string | undefined;
  #ended: number | undefined;
  /** The newest that was acknowledged. */
  #written: Life | undefined;
  /** The first and the last beat of an incarnation that were ever on their way, acknowledged or not. */
  #tried: { readonly incarnation: number; readonly first: number; readonly last: number } | undefined;
  #written_ms = -Infinity;
  #verified_ms = -Infinity;
  #foreign: Life | undefined;
  #missed = false;
  #repaired_ms = -Infinity;
  #verifyNext = 0;
  #listed = false;
  #enlisted_ms = -Infinity;

  /**
   * @param beat_ms how often our beat is written when nothing else is.
   * @param repair_ms what is gone is written again at once, but if that does not help (the server's clock is wrong, say)
   *   not more often than this.
   */
  constructor(self: Id, store: BelievedStore, { beat_ms, repair_ms }: { beat_ms: number; repair_ms: number }) {
    this.#self = self;
    this.#store = store;
    this.#layout = store.layout;
    this.#beat_ms = beat_ms;
    this.#repair_ms = repair_ms;
  }

  /** The life under our id is one that we wrote in this run. */
  readonly isOwn = (life: Life): boolean =>
    this.#tried?.incarnation === life.incarnation && life.beat >= this.#tried.first && life.beat <= this.#tried.last;

  /** Takes our newest header. */
  sayHeader(header: Header): void {
    this.#header = header;
    this.#ended = undefined;
    for (const [bucket, { incarnation }] of this.#buckets) {
      if (incarnation < header.incarnation) this.#buckets.delete(bucket);
    }
  }

  sayBucket(bucket: number, content: ClaimBucket): void {
    const before = this.#buckets.get(bucket);
    if (before !== undefined && compareContents(content, before) < 0) return;
    this.#buckets.set(bucket, content);
  }

  /** Says that this session is over. */
  sayGoodbye(incarnation: number, session: number): void {
    if (this.#header?.incarnation === incarnation && this.#header.session === session) this.#ended = session;
  }

  /** Says that the session we are in is over, as the last thing that is written. */
  async writeGoodbye(now_ms: number, signal: AbortSignal): Promise<void> {
    const header = this.#header;
    if (this.#written === undefined || header === undefined || this.#isHeld(header)) return;
    this.#ended = header.session;
    await this.#write(header, now_ms, signal);
  }

  /** Something stands to be written now, not only a beat. */
  get hasNews(): boolean {
    const header = this.#header;
    if (header === undefined || this.#isHeld(header)) return false;
    return (
      headerDigest(header) !== this.#standingHeader?.digest ||
      this.#ended !== this.#written?.ended ||
      this.#changed(header).length > 0
    );
  }

  /**
   * Takes note of what a poll found under our id: what we wrote, less than that, or another's.
   *
   * @param own the life there.
   */
  note(own: Life | undefined, monitors: ReadonlySet<Id>): void {
    this.#listed = monitors.has(this.#self);
    const written = this.#written;
    this.#foreign = own !== undefined && !this.isOwn(own) ? own : undefined;
    const missing = written !== undefined && (own === undefined || compareLives(own, written) < 0);
    // Once may be a data centre that has not heard yet what was written at another.
    if (missing && this.#missed) this.#standingHeader = this.#standingVersions = undefined;
    if (missing && this.#missed) this.#standing.clear();
    this.#missed = missing;
  }

  /** Writes what has to be written. Only after a read that was believed. */
  async flush(now_ms: number, signal: AbortSignal): Promise<void> {
    const header = this.#header;
    if (header === undefined || this.#isHeld(header)) return;
    const isLost = this.#written !== undefined && this.#standingHeader === undefined;
    if (isLost && now_ms < this.#repaired_ms + this.#repair_ms) return;
    if (isLost) this.#repaired_ms = now_ms;
    const isDue = now_ms >= this.#written_ms + this.#beat_ms && header.beat !== this.#written?.beat;
    if (isDue || this.hasNews) await this.#write(header, now_ms, signal);
    if (!this.#listed && now_ms >= this.#enlisted_ms + this.#repair_ms) {
      // By itself: many who start at once are in each other's way there, and their own part must not wait for it.
      await this.#store.write([add(this.#layout.monitors, this.#self)], signal);
      this.#enlisted_ms = now_ms;
    }
    if (now_ms < this.#verified_ms + this.#beat_ms) return;
    // What was written for the first time need not be read back at once.
    if (this.#verified_ms > -Infinity) await this.#verify(signal);
    this.#verified_ms = now_ms;
  }

  /** Whoever holds our id with a greater incarnation, or the same one, was not us: ours has to be raised first. */
  #isHeld(header: Header): boolean {
    return this.#foreign !== undefined && this.#foreign.incarnation >= header.incarnation;
  }

  #life(header: Header): Life {
    const { incarnation, beat, claims } = header;
    return { incarnation, beat, headerDigest: headerDigest(header), version: claims.version, ended: this.#ended };
  }

  /** Buckets of the header's incarnation that do not stand there as they are. */
  #changed({ incarnation }: Header): (readonly [number, ClaimBucket])[] {
    return [...this.#buckets].filter(([bucket, content]) => {
      const standing = this.#standing.get(bucket);
      return (
        content.incarnation === incarnation && (standing === undefined || compareContents(standing, content) !== 0)
      );
    });
  }

  async #write(header: Header, now_ms: number, signal: AbortSignal): Promise<void> {
    const life = this.#life(header);
    const { incarnation, beat } = life;
    const first = this.#tried?.incarnation === incarnation ? this.#tried.first : beat;
    this.#tried = { incarnation, first, last: beat };
    const changed = this.#changed(header);
    const versions = this.#versions(header);
    while (changed.length > BATCH) await this.#writeBuckets(changed.splice(0, BATCH), [], signal);
    const rest: Update<BoundObject>[] = [assign(this.#layout.life(this.#self), encodeLife(life))];
    let standing = this.#standingHeader;
    if (life.headerDigest !== standing?.digest) {
      standing = { digest: life.headerDigest, text: JSON.stringify(header) };
      rest.push(assign(this.#layout.header(this.#self), standing.text));
    }
    if (versions !== this.#standingVersions) rest.push(assign(this.#layout.versions(this.#self), versions));
    await this.#writeBuckets(changed, rest, signal);
    this.#standingHeader = standing;
    this.#standingVersions = versions;
    this.#written = life;
    this.#written_ms = now_ms;
  }

  async #writeBuckets(
    changed: readonly (readonly [number, ClaimBucket])[],
    others: readonly Update<BoundObject>[],
    signal: AbortSignal,
  ): Promise<void> {
    const updates = changed.map(([bucket, content]) =>
      assign(this.#layout.claims(this.#self, bucket), JSON.stringify(content)),
    );
    await this.#store.write([...updates, ...others], signal);
    for (const [bucket, content] of changed) this.#standing.set(bucket, content);
  }

  #versions({ incarnation }: Header): string {
    const versions = Array.from({ length: BUCKETS }, (_, bucket) => {
      const content = this.#buckets.get(bucket);
      return content?.incarnation === incarnation ? content.version : 0;
    });
    return JSON.stringify({ incarnation, versions } satisfies BucketVersions);
  }

  /** Reads back some of what should stand there. What does not is written with the next flush. */
  async #verify(signal: AbortSignal): Promise<void> {
    const buckets = Array.from({ length: VERIFIED_PER_BEAT }, (_, index) => (this.#verifyNext + index) % BUCKETS);
    this.#verifyNext = (this.#verifyNext + VERIFIED_PER_BEAT) % BUCKETS;
    const claimed = buckets.filter((bucket) => this.#standing.has(bucket));
    const [headerText, versions, ...contents] = (
      await this.#store.read(
        [
          this.#layout.header(this.#self),
          this.#layout.versions(this.#self),
          ...claimed.map((bucket) => this.#layout.claims(this.#self, bucket)),
        ],
        signal,
      )
    ).map(text);
    if (headerText !== this.#standingHeader?.text) this.#standingHeader = undefined;
    if (versions !== this.#standingVersions) this.#standingVersions = undefined;
    claimed.forEach((bucket, index) => {
      if (contents[index] !== JSON.stringify(this.#standing.get(bucket))) this.#standing.delete(bucket);
    });
  }
}

function compareContents(a: ClaimBucket, b: ClaimBucket): number {
  return a.incarnation - b.incarnation || a.version - b.version;
}
