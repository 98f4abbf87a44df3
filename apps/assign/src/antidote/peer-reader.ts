import { text, type BoundObject } from '@guaita/antidote';
import type { LinkListener } from '@guaita/cluster';
import { BUCKETS, ClaimBucket, Header, isId, type Id } from '@guaita/model';
import type { BelievedStore } from './believed-store.ts';
import type { Complaints } from './complaints.ts';
import type { Layout } from './layout.ts';
import { BucketVersions, compareLives, decodeLife, headerDigest, type Life } from './life.ts';
import { newPeer, type Peer } from './peer.ts';

/** Registers in one read: enough that round trips do not count, few enough that the answer stays below 1 MB. */
const BATCH = 64;

/** A monitor of which something is to be read and told. */
interface Moved {
  readonly monitor: Id;
  readonly peer: Peer;
  readonly life: Life;
  readonly live: boolean;
}

/** What a poll found beside what it told. */
export interface Polled {
  /** Something other than beats moved. */
  readonly news: boolean;
  readonly monitors: ReadonlySet<Id>;
  /** Those of them that are to be forgotten. */
  readonly forgotten: readonly Id[];
  /** Our own life as it stands there. */
  readonly own: Life | undefined;
  /** The text that is another after each change of intents. */
  readonly intents: string;
}

/**
 * Reads what others wrote. Each poll reads one small register of each monitor; headers, bucket versions and buckets only
 * where these say that they moved.
 *
 * What is missing or older than before is passed over: it is never a deletion. And only a beat that moved between two
 * reads that follow closely is life: what is found after a gap may have been written long ago.
 */
export class PeerReader {
  readonly #self: Id;
  readonly #store: BelievedStore;
  readonly #layout: Layout;
  readonly #complaints: Complaints;
  readonly #gap_ms: number;
  readonly #isOwn: (life: Life) => boolean;
  readonly #peers = new Map<Id, Peer>();
  readonly #wanted = new Set<Id>();
  #forgotten: ReadonlyMap<Id, number> = new Map();
  #hearsLiving = false;

  /**
   * @param isOwn whether a life under our own id was written by us and nobody else.
   * @param gap_ms what moved since a read that is longer ago is no life.
   */
  constructor(
    self: Id,
    store: BelievedStore,
    complaints: Complaints,
    isOwn: (life: Life) => boolean,
    { gap_ms }: { readonly gap_ms: number },
  ) {
    this.#gap_ms = gap_ms;
    this.#self = self;
    this.#store = store;
    this.#layout = store.layout;
    this.#complaints = complaints;
    this.#isOwn = isOwn;
    this.#peers.set(self, newPeer());
  }

  /** The next read is of another server, which may know more than the one before: what moves until then is no life. */
  gap(): void {
    for (const peer of this.#peers.values()) peer.newest_ms = -Infinity;
    this.#hearsLiving = false;
  }

  /** The server hears others write: what it keeps is no older than they are, since it keeps causal order. */
  get hearsLiving(): boolean {
    return this.#hearsLiving;
  }

  /** Reads again each bucket of a monitor of which the asker has another version than we read. */
  want(monitor: Id, versions: readonly number[]): void {
    const peer = this.#peers.get(monitor);
    if (peer === undefined) return;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      if (peer.buckets[bucket] !== versions[bucket]) peer.buckets[bucket] = 0;
    }
    peer.claims = undefined;
    this.#wanted.add(monitor);
  }

  /** Reads nothing of monitors up to these incarnations. */
  forget(forgotten: ReadonlyMap<Id, number>): void {
    this.#forgotten = forgotten;
  }

  /** Reads once, and tells what moved. Fails, having changed nothing, when a read is not to be believed. */
  async poll(listener: LinkListener, signal: AbortSignal): Promise<Polled> {
    const asked_ms = performance.now();
    const known = [...this.#peers.keys()];
    const unreadable = ({ key }: BoundObject, error: Error): void =>
      this.#complaints.name(text(key), 'cannot be read', error);
    const [elements = [], roots = [], ...lives] = await this.#store.readAny(
      [this.#layout.monitors, this.#layout.intents, ...known.map((monitor) => this.#layout.life(monitor))],
      unreadable,
      signal,
    );
    const monitors = new Set(elements.map(text).filter(isId));
    const newcomers = [...monitors].filter((monitor) => !this.#peers.has(monitor));
    const newLives = await this.#store.readAny(
      newcomers.map((monitor) => this.#layout.life(monitor)),
      unreadable,
      signal,
    );
    const read = new Map<Id, Life>();
    [...known, ...newcomers].forEach((monitor, index) => {
      const life = this.#decodeLife(monitor, [...lives, ...newLives][index]);
      if (life !== undefined) read.set(monitor, life);
    });
    const forgotten = [...read]
      .filter(([monitor, life]) => this.#isForgotten(monitor, life))
      .map(([monitor]) => monitor);
    for (const monitor of forgotten) {
      this.#peers.delete(monitor);
      read.delete(monitor);
    }
    const moved = this.#moved(read, asked_ms);
    this.#hearsLiving ||= moved.some(({ live }) => live);
    const news = moved.some(({ peer, life }) => peer.headerDigest !== life.headerDigest);
    await this.#readHeaders(moved, signal);
    for (const one of moved) await this.#tell(one, asked_ms, listener, signal);
    this.#wanted.clear();
    return {
      news,
      monitors,
      forgotten: forgotten.filter((monitor) => monitors.has(monitor)),
      own: read.get(this.#self),
      intents: roots.map(text).sort().join(' '),
    };
  }

  #isForgotten(monitor: Id, life: Life): boolean {
    return monitor !== this.#self && life.incarnation <= (this.#forgotten.get(monitor) ?? 0);
  }

  #decodeLife(monitor: Id, bytes: Uint8Array | undefined): Life | undefined {
    if (bytes === undefined || bytes.length === 0) return undefined;
    return this.#complaints.decode(`the life of ${monitor}`, text(bytes), decodeLife);
  }

  #moved(read: ReadonlyMap<Id, Life>, asked_ms: number): Moved[] {
    // To be asked may have waited for a connection: what counts is when the answer came.
    const answered_ms = performance.now();
    const moved: Moved[] = [];
    for (const [monitor, life] of read) {
      const peer = this.#peers.get(monitor) ?? newPeer();
      this.#peers.set(monitor, peer);
      if (monitor === this.#self && this.#isOwn(life)) continue;
      const order = peer.life === undefined ? 1 : compareLives(life, peer.life);
      if (order > 0 || (order === 0 && this.#wanted.has(monitor))) {
        moved.push({ monitor, peer, life, live: order > 0 && answered_ms - peer.newest_ms <= this.#gap_ms });
      } else {
        peer.newest_ms = order === 0 ? asked_ms : -Infinity;
      }
    }
    return moved;
  }

  async #readHeaders(moved: readonly Moved[], signal: AbortSignal): Promise<void> {
    const stale = moved.filter(({ peer, life }) => peer.headerDigest !== life.headerDigest);
    const values = await this.#inBatches(
      stale.map(({ monitor }) => this.#layout.header(monitor)),
      signal,
    );
    stale.forEach(({ monitor, peer, life }, index) => {
      const value = text(values[index] ?? new Uint8Array());
      const header = value === '' ? undefined : this.#complaints.decode(`the header of ${monitor}`, value, parseHeader);
      // Garbage is not read again before it moves.
      peer.headerDigest = header === undefined ? life.headerDigest : headerDigest(header);
      if (header !== undefined) peer.header = header;
    });
  }

  /** Buckets before the header that counts them, so that nobody has to take the copy for incomplete. */
  async #tell(moved: Moved, asked_ms: number, listener: LinkListener, signal: AbortSignal): Promise<void> {
    const { monitor, peer, life, live } = moved;
    const claims = `${life.incarnation}/${life.version}`;
    if (monitor !== this.#self && peer.claims !== claims) {
      const buckets = await this.#readBuckets(monitor, peer, signal);
      for (const [bucket, content] of buckets) {
        listener.heard({ kind: 'bucket', monitor, bucket, content }, !live);
      }
      peer.claims = claims;
    }
    const ends = life.ended !== undefined && peer.life?.ended === undefined;
    const moves = peer.life === undefined || life.beat !== peer.life.beat || life.incarnation !== peer.life.incarnation;
    peer.life = life;
    peer.newest_ms = asked_ms;
    // All that is left of a former self; it has to be told, or ours is never above it.
    if (monitor === this.#self && peer.header === undefined) {
      const content = { incarnation: life.incarnation, version: 1, claims: {} };
      listener.heard({ kind: 'bucket', monitor, bucket: 0, content }, true);
    }
    if (peer.header !== undefined && (moves || this.#wanted.has(monitor))) {
      const { incarnation, beat } = peer.header;
      const header = { ...peer.header, beat: incarnation === life.incarnation ? Math.max(beat, life.beat) : beat };
      listener.heard({ kind: 'header', monitor, header }, !live);
    }
    if (ends && life.ended !== undefined) {
      const { incarnation, ended: session } = life;
      listener.heard({ kind: 'offline', monitor, incarnation, session }, !live);
    }
  }

  async #readBuckets(monitor: Id, peer: Peer, signal: AbortSignal): Promise<(readonly [number, ClaimBucket])[]> {
    const value = text((await this.#store.read([this.#layout.versions(monitor)], signal))[0]);
    const register = `the bucket versions of ${monitor}`;
    const read = value === '' ? undefined : this.#complaints.decode(register, value, parseVersions);
    if (read === undefined) return [];
    if (read.incarnation !== peer.bucketsOf) peer.buckets.fill(0);
    peer.bucketsOf = read.incarnation;
    const moved = read.versions.flatMap((version, bucket) => (version !== (peer.buckets[bucket] ?? 0) ? [bucket] : []));
    const values = await this.#inBatches(
      moved.map((bucket) => this.#layout.claims(monitor, bucket)),
      signal,
    );
    return moved.flatMap((bucket, index) => {
      const content = text(values[index] ?? new Uint8Array());
      if (content === '') return [];
      const claims = this.#complaints.decode(`bucket ${bucket} of ${monitor}`, content, parseBucket);
      peer.buckets[bucket] = claims?.version ?? read.versions[bucket] ?? 0;
      return claims === undefined ? [] : [[bucket, claims] as const];
    });
  }

  async #inBatches(objects: readonly BoundObject<'register_lww'>[], signal: AbortSignal): Promise<Uint8Array[]> {
    const values: Uint8Array[] = [];
    for (let at = 0; at < objects.length; at += BATCH) {
      values.push(...(await this.#store.read(objects.slice(at, at + BATCH), signal)));
    }
    return values;
  }
}

const parseHeader = (json: unknown): Header => Header.parse(json);
const parseVersions = (json: unknown): BucketVersions => BucketVersions.parse(json);
const parseBucket = (json: unknown): ClaimBucket => ClaimBucket.parse(json);
