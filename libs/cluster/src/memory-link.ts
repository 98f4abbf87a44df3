import { ClaimBucket, Header, Id, Intent } from '@guaita/model';
import { compareHeaders } from './record.ts';
import type { BucketMessage, HeaderMessage, Link, LinkListener, LinkMessage, OfflineMessage } from './link.ts';

/** What a hub does to messages: but for `queue`, each with this probability, from 0 to 1. */
export interface MemoryFaults {
  readonly lose?: number;
  readonly double?: number;
  /** Waits until `deliver`, which takes what waits in any order. */
  readonly delay?: number;
  /** So many messages wait at most; what is more is lost. Default: without end. */
  readonly queue?: number;
}

/** What a hub keeps of one monitor. */
interface Kept {
  header?: HeaderMessage;
  offline?: OfflineMessage;
  readonly buckets: Map<number, BucketMessage>;
  readonly intents: Map<number, LinkMessage>;
}

/** Where memory links meet: gives what one says to all others at once, and keeps the newest for those who come later. */
export class MemoryHub {
  readonly #random: () => number;
  readonly #links = new Set<MemoryLink>();
  readonly #kept = new Map<Id, Kept>();
  readonly #waiting: { readonly to: MemoryLink; readonly message: LinkMessage; readonly stored: boolean }[] = [];
  faults: MemoryFaults = {};

  /** @param random from 0 to below 1: which messages the faults strike */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Lets a link in, and gives it all that is kept. */
  join(link: MemoryLink): void {
    this.#links.add(link);
    for (const { header, offline, buckets, intents } of this.#kept.values())
      for (const message of [header, offline, ...buckets.values(), ...intents.values()])
        if (message !== undefined && message.monitor !== link.monitor) this.#send(link, message, true);
  }

  /** Lets a link go: it hears nothing more, not even what waits for it. */
  leave(link: MemoryLink): void {
    this.#links.delete(link);
  }

  /** Takes what a link says, if it is valid. */
  say(message: LinkMessage): void {
    if (!isValid(message)) return;
    this.#keep(message);
    for (const link of this.#links) {
      const meant = message.kind === 'wants' ? message.peer === link.monitor : message.monitor !== link.monitor;
      if (meant) this.#send(link, message, false);
    }
  }

  /** Gives what was delayed, in any order. */
  deliver(): void {
    while (this.#waiting.length > 0) {
      const [next] = this.#waiting.splice(Math.floor(this.#random() * this.#waiting.length), 1);
      if (next !== undefined && this.#links.has(next.to)) next.to.hear(next.message, next.stored);
    }
  }

  #send(to: MemoryLink, message: LinkMessage, stored: boolean): void {
    const { lose = 0, double = 0, delay = 0, queue = Infinity } = this.faults;
    if (this.#random() < lose) return;
    for (let copies = this.#random() < double ? 2 : 1; copies > 0; copies -= 1) {
      if (this.#random() >= delay) to.hear(message, stored);
      else if (this.#waiting.length < queue) this.#waiting.push({ to, message, stored });
    }
  }

  #keep(message: LinkMessage): void {
    const kept: Kept = this.#kept.get(message.monitor) ?? { buckets: new Map(), intents: new Map() };
    this.#kept.set(message.monitor, kept);
    switch (message.kind) {
      case 'header':
        if (kept.header === undefined || compareHeaders(message.header, kept.header.header) > 0) kept.header = message;
        return;
      case 'bucket':
        kept.buckets.set(message.bucket, message);
        return;
      case 'intents':
        kept.intents.set(message.bucket, message);
        return;
      case 'offline':
        kept.offline = message;
        return;
      case 'wants':
      case 'life':
        return;
    }
  }
}

/** The twin of the real links: in memory, at once, and as unreliable as it is told to be. */
export class MemoryLink implements Link {
  readonly name: Id;
  readonly monitor: Id;
  readonly #hub: MemoryHub;
  readonly #incarnation: number;
  /** The newest of each thing that was said while it was cut. */
  readonly #unsaid = new Map<string, LinkMessage>();
  #listener: LinkListener | undefined;
  #connected = false;
  #session = 0;

  constructor(hub: MemoryHub, monitor: Id, incarnation: number, name: Id = 'memory') {
    this.#hub = hub;
    this.monitor = monitor;
    this.#incarnation = incarnation;
    this.name = name;
  }

  async start(listener: LinkListener, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#listener = listener;
    this.mend();
  }

  say(message: LinkMessage): void {
    if (this.#connected) this.#hub.say(message);
    else this.#unsaid.set(slotOf(message), message);
  }

  async stop(): Promise<void> {
    if (this.#connected) this.#hub.say(this.#goodbye());
    this.#connected = false;
    this.#hub.leave(this);
    this.#listener = undefined;
  }

  /** Takes its connection away; the hub does its will, as a broker does. */
  cut(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#hub.leave(this);
    this.#hub.say(this.#goodbye());
    this.#listener?.connected(false);
  }

  /** Gives its connection back. */
  mend(): void {
    if (this.#connected || this.#listener === undefined) return;
    this.#connected = true;
    this.#session += 1;
    this.#hub.join(this);
    this.#listener.connected(true, this.#session);
    for (const message of this.#unsaid.values()) this.#hub.say(message);
    this.#unsaid.clear();
  }

  /** Called by the hub. */
  hear(message: LinkMessage, stored: boolean): void {
    this.#listener?.heard(message, stored);
  }

  #goodbye(): OfflineMessage {
    return { kind: 'offline', monitor: this.monitor, incarnation: this.#incarnation, session: this.#session };
  }
}

/** Of what is said of one thing only the newest is worth saying. */
function slotOf(message: LinkMessage): string {
  switch (message.kind) {
    case 'bucket':
    case 'intents':
      return `${message.kind}/${message.bucket}`;
    case 'wants':
      return `${message.kind}/${message.peer}`;
    case 'life':
      return `${message.kind}/${message.monitor}`;
    case 'header':
    case 'offline':
      return message.kind;
  }
}

function isValid(message: LinkMessage): boolean {
  if (!Id.safeParse(message.monitor).success) return false;
  switch (message.kind) {
    case 'header':
      return Header.safeParse(message.header).success;
    case 'bucket':
      return ClaimBucket.safeParse(message.content).success;
    case 'intents':
      return Intent.array().safeParse([...message.intents]).success;
    case 'offline':
    case 'wants':
    case 'life':
      return true;
  }
}
