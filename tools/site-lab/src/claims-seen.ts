import type { Claim, ClaimBucket, Id } from '@guaita/model';

/** A claim that came, went, or is in another state. */
export interface Change {
  readonly device: Id;
  readonly from: Claim['state'] | undefined;
  readonly to: Claim['state'] | undefined;
}

/**
 * What one monitor claims, as its own broker tells it. Written anew for the eyes of an outsider: it shares nothing with
 * the code that it judges.
 */
export class ClaimsSeen {
  readonly #buckets = new Map<number, ClaimBucket>();
  readonly #states = new Map<Id, Claim['state']>();
  #incarnation = 0;

  /** Claims of a former run are void. Gives what has changed by that. */
  run(incarnation: number): Change[] {
    if (incarnation <= this.#incarnation) return [];
    this.#incarnation = incarnation;
    const before = new Map(this.#states);
    this.#states.clear();
    for (const bucket of this.#buckets.values()) this.#apply(bucket);
    const devices = new Set([...before.keys(), ...this.#states.keys()]);
    return [...devices].flatMap((device) => change(device, before.get(device), this.#states.get(device)));
  }

  /** Takes a bucket in. Gives what has changed by it. */
  hear(number: number, content: ClaimBucket): Change[] {
    const before = this.#buckets.get(number);
    if (before !== undefined && isOlder(content, before)) return [];
    this.#buckets.set(number, content);
    if (content.incarnation !== this.#incarnation) return [];
    const old = before?.incarnation === this.#incarnation ? before.claims : {};
    for (const device of Object.keys(old)) this.#states.delete(device);
    this.#apply(content);
    const devices = new Set([...Object.keys(old), ...Object.keys(content.claims)]);
    return [...devices].flatMap((device) => change(device, old[device]?.state, content.claims[device]?.state));
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  get states(): ReadonlyMap<Id, Claim['state']> {
    return this.#states;
  }

  /** Something that is the same where the same is known. */
  get mark(): string {
    const versions = [...this.#buckets]
      .filter(([, { incarnation }]) => incarnation === this.#incarnation)
      .map(([bucket, { version }]) => `${bucket}:${version}`);
    return `${this.#incarnation} ${versions.sort().join(' ')}`;
  }

  #apply({ incarnation, claims }: ClaimBucket): void {
    if (incarnation !== this.#incarnation) return;
    for (const [device, { state }] of Object.entries(claims)) this.#states.set(device, state);
  }
}

function isOlder(a: ClaimBucket, b: ClaimBucket): boolean {
  return a.incarnation < b.incarnation || (a.incarnation === b.incarnation && a.version < b.version);
}

function change(device: Id, from: Change['from'], to: Change['to']): Change[] {
  return from === to ? [] : [{ device, from, to }];
}
