import { BUCKETS, type Header, type Id, type Intent } from '@guaita/model';
import { bucketOf } from '../hash.ts';
import { Intents } from '../intents.ts';
import type { Link, LinkMessage } from '../link.ts';
import { OwnClaims } from '../own-claims.ts';
import { Peers } from '../peers.ts';

const POLICY = { monitors_per_device: 3, snmp_per_device: 1, mode: 'spread' } as const;

/** A monitor as far as its links go: it has claims and intents, says them, and joins what it hears. */
export class Speaker {
  readonly heard: { readonly message: LinkMessage; readonly stored: boolean }[] = [];
  readonly connections: boolean[] = [];
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
    const bucket = bucketOf(intent.subject);
    const intents = this.intents.shard(bucket);
    this.link.say({ kind: 'intents', monitor: this.id, bucket, intents });
  }

  ask(peer: Id): void {
    const record = this.peers.get(peer);
    const versions = record?.versions() ?? Array<number>(BUCKETS).fill(0);
    this.link.say({ kind: 'wants', monitor: this.id, peer, incarnation: 1, versions });
  }

  of(kind: LinkMessage['kind'], monitor: Id): { readonly message: LinkMessage; readonly stored: boolean }[] {
    return this.heard.filter(({ message }) => message.kind === kind && message.monitor === monitor);
  }

  #hear(message: LinkMessage, stored: boolean): void {
    this.heard.push({ message, stored });
    if (message.kind === 'header') this.peers.hearHeader(message.monitor, message.header);
    if (message.kind === 'bucket') this.peers.hearBucket(message.monitor, message.bucket, message.content);
    if (message.kind === 'intents') this.intents.merge(message.intents);
    if (message.kind === 'wants' && message.peer === this.id)
      for (const bucket of this.claims.differing(message.versions)) this.sayBucket(bucket);
  }
}
