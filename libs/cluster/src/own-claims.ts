import type { OwnClaim } from '@guaita/assignment';
import { type Claim, type ClaimBucket, claimOn, type Claims, type Header, type Id } from '@guaita/model';
import { SetDigest } from './digest.ts';
import { bucketOf } from './hash.ts';

interface OwnBucket {
  version: number;
  claims: Readonly<Claims>;
}

/**
 * What this monitor claims, in buckets. All changes between two tellings bear one version: what is told is told whole,
 * and a bucket that has once been said stays, empty, for the digest counts it.
 */
export class OwnClaims {
  readonly #buckets = new Map<number, OwnBucket>();
  /** Of each claim the version at which its state last changed: who has seen that has seen the state. */
  readonly #states = new Map<Id, OwnClaim>();
  readonly #digest = new SetDigest();
  /** Buckets that have changed since the last telling. */
  readonly #changed = new Set<number>();
  #version = 0;
  #leaving = 0;

  /** Each device that is claimed, with the version at which that was last decided. */
  get states(): ReadonlyMap<Id, OwnClaim> {
    return this.#states;
  }

  /** The claim on a device, with what is seen of it. */
  get(device: Id): Claim | undefined {
    return claimOn(this.#buckets.get(bucketOf(device))?.claims ?? {}, device);
  }

  /** Claims a device or changes its claim. */
  set(device: Id, claim: Claim): void {
    const { claims, version } = this.#touch(device);
    claims[device] = claim;
    const before = this.#states.get(device)?.state;
    if (before === claim.state) return;
    this.#states.set(device, { state: claim.state, version });
    this.#leaving += Number(claim.state === 'leaving') - Number(before === 'leaving');
  }

  /** Gives up the claim on a device, if there is one. */
  release(device: Id): void {
    const before = this.#states.get(device)?.state;
    if (before === undefined) return;
    this.#leaving -= Number(before === 'leaving');
    const { claims } = this.#touch(device);
    delete claims[device];
    this.#states.delete(device);
  }

  /** How many devices are held, and how many leaving. */
  get count(): { readonly held: number; readonly leaving: number } {
    return { held: this.#states.size - this.#leaving, leaving: this.#leaving };
  }

  /** What a header says of these claims. */
  get summary(): Header['claims'] {
    return { version: this.#version, count: this.#states.size, digest: this.#digest.text };
  }

  /** The buckets to tell: those that changed since the last call. */
  changed(): number[] {
    const buckets = [...this.#changed];
    this.#changed.clear();
    return buckets;
  }

  /** Whether there is something to tell. */
  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** Tells all again: under a new incarnation what was said before is void. */
  changeAll(): void {
    for (const bucket of this.#buckets.keys()) this.#changed.add(bucket);
  }

  /** A bucket as it is said, or `undefined` when nothing was ever claimed in it. */
  bucket(bucket: number, incarnation: number): ClaimBucket | undefined {
    const own = this.#buckets.get(bucket);
    return own === undefined ? undefined : { incarnation, version: own.version, claims: own.claims };
  }

  /**
   * Tells whether somebody else said this bucket: it bears a version that was not told here yet, or one that was with
   * other claims. What is older than what stands here may be an echo, or may not.
   */
  isForeign(bucket: number, { version, claims }: ClaimBucket): boolean {
    if (version > this.#version) return true;
    const own = this.#buckets.get(bucket);
    if (own?.version !== version || this.#changed.has(bucket)) return false;
    const devices = Object.keys(claims);
    if (devices.length !== Object.keys(own.claims).length) return true;
    return devices.some((device) => claimOn(own.claims, device)?.state !== claimOn(claims, device)?.state);
  }

  /** The buckets whose version is not the one given. */
  differing(versions: readonly number[]): number[] {
    return [...this.#buckets].filter(([bucket, { version }]) => versions[bucket] !== version).map(([bucket]) => bucket);
  }

  /** Opens the bucket of a device for a change: with the version of the coming telling, and a copy to write in. */
  #touch(device: Id): { claims: Claims; version: number } {
    const bucket = bucketOf(device);
    if (this.#changed.size === 0) this.#version += 1;
    const own = this.#buckets.get(bucket);
    if (own?.version === this.#version && this.#changed.has(bucket)) return own;
    if (own !== undefined) this.#digest.toggle(bucket, own.version);
    this.#digest.toggle(bucket, this.#version);
    // What was said before stays as it was said.
    const opened = { version: this.#version, claims: { ...own?.claims } };
    this.#buckets.set(bucket, opened);
    this.#changed.add(bucket);
    return opened;
  }
}
