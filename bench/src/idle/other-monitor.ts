import { bucketOf, SetDigest } from '@guaita/cluster';
import { BUCKETS, type Claim, type ClaimBucket, type Header, type Id, type Policy, type Seen } from '@guaita/model';

/** What all that are played have in common. */
export interface OtherMonitorOptions {
  readonly monitor: Id;
  readonly site: Id;
  readonly capacity: number;
  readonly policy: Policy;
}

const INCARNATION = 1;

/** One of the monitors that are played: what it says of itself and of its claims, as a real one would. */
export class OtherMonitor {
  readonly monitor: Id;
  readonly #options: OtherMonitorOptions;
  readonly #claims = Array.from({ length: BUCKETS }, () => new Map<Id, Claim['state']>());
  readonly #versions = Array.from({ length: BUCKETS }, () => 0);
  readonly #digest = new SetDigest();
  #version = 0;
  #beat = 0;

  constructor(options: OtherMonitorOptions) {
    this.monitor = options.monitor;
    this.#options = options;
  }

  get seen(): Seen {
    return { incarnation: INCARNATION, version: this.#version };
  }

  get devices(): Id[] {
    return this.#claims.flatMap((claims) => [...claims.keys()]);
  }

  /** It waits for others to say that they have seen its claims. */
  get leaves(): boolean {
    return this.#claims.some((claims) => [...claims.values()].includes('leaving'));
  }

  /** Claims just these devices from now on. Gives the buckets that are to be said. */
  claim(states: ReadonlyMap<Id, Claim['state']>): number[] {
    const wanted = Array.from({ length: BUCKETS }, () => new Map<Id, Claim['state']>());
    for (const [device, state] of states) wanted[bucketOf(device)]?.set(device, state);
    const changed = wanted.flatMap((claims, bucket) => (isSame(claims, this.#claims[bucket]) ? [] : [bucket]));
    if (changed.length > 0) this.#version += 1;
    for (const bucket of changed) {
      const before = this.#versions[bucket] ?? 0;
      if (before > 0) this.#digest.toggle(bucket, before);
      this.#digest.toggle(bucket, this.#version);
      this.#versions[bucket] = this.#version;
      this.#claims[bucket] = wanted[bucket] ?? new Map<Id, Claim['state']>();
    }
    return changed;
  }

  bucket(bucket: number): ClaimBucket {
    const claims = Object.fromEntries(
      [...(this.#claims[bucket] ?? [])].map(([device, state]): [Id, Claim] => [
        device,
        { state, sees: 'answering', episode: 0 },
      ]),
    );
    return { incarnation: INCARNATION, version: this.#versions[bucket] ?? 1, claims };
  }

  /** The header with its next beat. */
  header(seen: Readonly<Record<Id, Seen>>, intents: Header['intents']): Header {
    const { monitor, site, capacity, policy } = this.#options;
    this.#beat += 1;
    const { [monitor]: _own, ...others } = seen;
    return {
      host_key: Buffer.from(monitor.padEnd(16, '-')).toString('hex').slice(0, 32),
      incarnation: INCARNATION,
      session: 1,
      beat: this.#beat,
      site,
      tags: [],
      capacity,
      policy,
      probe_age_s: 0.5,
      probing: true,
      isolated: false,
      claims: {
        version: this.#version,
        count: this.#claims.reduce((count, { size }) => count + size, 0),
        digest: this.#digest.text,
      },
      seen: others,
      intents,
    };
  }
}

function isSame(a: ReadonlyMap<Id, string>, b: ReadonlyMap<Id, string> | undefined): boolean {
  return a.size === b?.size && [...a].every(([device, state]) => b.get(device) === state);
}
