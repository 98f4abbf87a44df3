import { BUCKETS, type Claim, type ClaimBucket, claimOn, type Header, type Id } from '@guaita/model';
import { SetDigest } from './digest.ts';
import { bucketOf } from './hash.ts';

/**
 * Claims of one monitor that are kept: five times the devices that one host can ping at the default interval
 * (docs/benchmarks.md). Whoever makes claims up must not fill the memory.
 */
export const CLAIMS_LIMIT = 500_000;

/** Below 0 when the first header is older than the second, above 0 when newer. */
export function compareHeaders(
  a: Pick<Header, 'incarnation' | 'beat'>,
  b: Pick<Header, 'incarnation' | 'beat'>,
): number {
  return a.incarnation - b.incarnation || a.beat - b.beat;
}

/**
 * What is known here of one monitor, by itself its only writer: the newest header by (incarnation, beat), and the
 * newest of each bucket by (incarnation, version). Buckets of another incarnation than the header's are void.
 */
export class MonitorRecord {
  #header: Header | undefined;
  readonly #buckets: (ClaimBucket | undefined)[] = Array.from({ length: BUCKETS });
  /** Claims in all buckets, those that are void too. */
  #kept = 0;
  #digest = new SetDigest();
  readonly #count = { held: 0, leaving: 0 };
  /** As it was last found; undefined when something has changed. */
  #complete: boolean | undefined;

  get header(): Header | undefined {
    return this.#header;
  }

  /** Joins a header in. Gives the buckets whose claims became void, or count now; `undefined` when it is not newer. */
  hearHeader(header: Header): readonly ClaimBucket[] | undefined {
    const before = this.#header;
    if (before !== undefined && compareHeaders(header, before) <= 0) return undefined;
    this.#header = header;
    if (before?.claims.digest !== header.claims.digest || before.claims.count !== header.claims.count)
      this.#complete = undefined;
    if (before?.incarnation === header.incarnation) return [];
    this.#complete = undefined;
    this.#digest = new SetDigest();
    this.#count.held = this.#count.leaving = 0;
    this.#buckets.forEach((content, bucket) => this.#toggle(bucket, content, 1));
    return this.#buckets.filter((content) => content !== undefined);
  }

  /** How many claims are kept, void ones too, when this takes the place of what is known of its bucket. */
  sizeWith(bucket: number, content: ClaimBucket): number {
    return this.#kept - sizeOf(this.#buckets[bucket]) + sizeOf(content);
  }

  /** Joins a bucket in. Gives what it takes the place of, or `undefined` when it is not newer. */
  hearBucket(bucket: number, content: ClaimBucket): { readonly before: ClaimBucket | undefined } | undefined {
    const before = this.#buckets[bucket];
    if (before !== undefined) {
      const order = content.incarnation - before.incarnation || content.version - before.version;
      if (order <= 0) return undefined;
    }
    this.#toggle(bucket, before, -1);
    this.#buckets[bucket] = content;
    this.#kept += sizeOf(content) - sizeOf(before);
    this.#complete = undefined;
    this.#toggle(bucket, content, 1);
    return { before };
  }

  /**
   * Its claims are here just as its header counts them. A copy that is not complete counts for nothing in who watches
   * what: it may lack the release that makes it one, or the claim.
   */
  get complete(): boolean {
    return (this.#complete ??= this.#isComplete());
  }

  /** How many devices it claims, as far as is known here. */
  get count(): { readonly held: number; readonly leaving: number } {
    return this.#count;
  }

  /** Its claim on a device, as far as is known here. */
  claim(device: Id): Claim | undefined {
    const content = this.#buckets[bucketOf(device)];
    return content !== undefined && content.incarnation === this.#header?.incarnation
      ? claimOn(content.claims, device)
      : undefined;
  }

  /** All its claims, as far as is known here. */
  *claims(): IterableIterator<readonly [Id, Claim]> {
    for (const content of this.#buckets)
      if (content !== undefined && content.incarnation === this.#header?.incarnation)
        yield* Object.entries(content.claims);
  }

  /** The version of each bucket of its incarnation, 0 for none: what to ask for what lacks by. */
  versions(): number[] {
    const incarnation = this.#header?.incarnation;
    return this.#buckets.map((content) => (content?.incarnation === incarnation ? (content?.version ?? 0) : 0));
  }

  #isComplete(): boolean {
    const claims = this.#header?.claims;
    const { held, leaving } = this.#count;
    return claims !== undefined && claims.count === held + leaving && claims.digest === this.#digest.text;
  }

  #toggle(bucket: number, content: ClaimBucket | undefined, sign: 1 | -1): void {
    if (content === undefined || content.incarnation !== this.#header?.incarnation) return;
    this.#digest.toggle(bucket, content.version);
    for (const { state } of Object.values(content.claims)) this.#count[state] += sign;
  }
}

function sizeOf(content: ClaimBucket | undefined): number {
  return content === undefined ? 0 : Object.keys(content.claims).length;
}
