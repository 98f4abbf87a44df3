import { BUCKETS, type Header, type Id, type Intent } from '@guaita/model';
import { EMPTY_DIGEST } from '../digest.ts';
import { bucketOf } from '../hash.ts';
import { Intents } from '../intents.ts';
import type { Link, LinkMessage, WantsMessage } from '../link.ts';
import { OwnClaims } from '../own-claims.ts';
import { Peers } from '../peers.ts';

const POLICY = { monitors_per_device: 3, snmp_per_device: 1, mode: 'spread' } as const;

/** A monitor as far as its links go: it has claims and intents, says them, and joins what it hears. */
export class Speaker {
  readonly heard: { readonly message: LinkMessage; readonly stored: boolean }[] = [];
  readonly connections: boolean[] = [];
  /** Those whose header came and counted claims that were not here. */
  readonly incomplete = new Set<Id>();
  readonly peers = new Peers();
  readonly intents = new Intents();
  readonly claims = new OwnClaims();
  readonly id: Id;
  readonly link: Link;
  beat = 0;
  session = 0;

  constructor(id: Id, link: Link) {
    this.id = id;
    this.link = link;
  }

  async start(): Promise<void> {
    const heard = (message: LinkMessage, stored: boolean): void => this.#hear(message, stored);
    const connected = (now: boolean, session?: number): void => {
      this.connections.push(now);
      this.session = session ?? this.session;
    };
    await this.link.start({ heard, connected }, new AbortController().signal);
  }

  header(): Header {
    return {
      ...{ host_key: 'a'.repeat(32), incarnation: 1, session: this.session },
      ...{ beat: this.beat, site: 'home', tags: [], capacity: 10, policy: POLICY, probe_age_s: null },
      ...{ probing: true, isolated: false, claims: this.claims.summary, seen: {}, intents: this.intents.digest },
    };
  }

  /** Claims a device, or lets it go, and says so. */
  claim(device: Id, held: boolean): void {
    if (held) this.claims.set(device, { state: 'held', sees: 'unprobed', episode: 0 });
    else this.claims.release(device);
    for (const bucket of this.claims.changed()) this.sayBucket(bucket);
  }

  sayBucket(bucket: number): void {
    const content = this.claims.bucket(bucket, 1);
    if (content !== undefined) this.link.say({ kind: 'bucket', monitor: this.id, bucket, content });
  }

  sayHeader(): void {
    this.beat += 1;
    this.link.say({ kind: 'header', monitor: this.id, header: this.header() });
  }

  intend(intent: Intent): void {
    this.intents.merge([intent]);
    this.sayIntents(bucketOf(intent.subject));
  }

  sayIntents(bucket: number): void {
    const intents = this.intents.shard(bucket);
    this.link.say({ kind: 'intents', monitor: this.id, bucket, intents });
  }

  ask(peer: Id): void {
    const record = this.peers.get(peer);
    const versions = record?.versions() ?? Array<number>(BUCKETS).fill(0);
    const intents = Array.from({ length: BUCKETS }, (_, bucket) => this.intents.shardDigest(bucket));
    this.link.say({ kind: 'wants', monitor: this.id, peer, incarnation: 1, versions, intents });
  }

  of(kind: LinkMessage['kind'], monitor: Id): { readonly message: LinkMessage; readonly stored: boolean }[] {
    return this.heard.filter(({ message }) => message.kind === kind && message.monitor === monitor);
  }

  #hear(message: LinkMessage, stored: boolean): void {
    this.heard.push({ message, stored });
    if (message.kind === 'header') {
      this.peers.hearHeader(message.monitor, message.header);
      if (this.peers.get(message.monitor)?.complete === false) this.incomplete.add(message.monitor);
    }
    if (message.kind === 'bucket') this.peers.hearBucket(message.monitor, message.bucket, message.content);
    if (message.kind === 'intents') this.intents.merge(message.intents);
    if (message.kind === 'wants' && message.peer === this.id) this.#answer(message);
  }

  #answer({ versions, intents = [] }: WantsMessage): void {
    for (const bucket of this.claims.differing(versions)) this.sayBucket(bucket);
    intents.forEach((digest, bucket) => {
      const known = this.intents.shardDigest(bucket);
      if (known !== digest && known !== EMPTY_DIGEST) this.sayIntents(bucket);
    });
  }
}

/** That an operator wants a device to be watched. */
export function wanted(device: Id, at_ms: number): Intent {
  return {
    ...{
      kind: 'device',
      subject: device,
      feeder: 'command',
      stamp: { at_ms, counter: 0, writer: 'one' },
      wanted: true,
    },
    device: { device, name: device, addresses: ['192.0.2.1'], parents: [], tags: [], checks: {} },
  };
}
