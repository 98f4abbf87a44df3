import type { IncomingMessage, OutgoingMessage } from '@guaita/bus';
import { channels, PayloadError, type Channel } from '@guaita/messages';
import type { Id } from '@guaita/model';

/**
 * The user property of a message that was pushed here, with the monitor that pushed it. What bears it is never pushed
 * on: also where two hosts have one id and are each other's peers, nothing goes in circles.
 */
const PUSHED = 'guaita-pushed-by';

/** What monitors say to all, by the topic level that tells the kind. */
const KINDS = new Map<string, Channel>(
  Object.values<Channel>(channels)
    .filter(({ definition }) => definition.scope === 'bridged')
    .map((channel) => [channel.definition.path.split('/')[2] ?? '', channel]),
);

/** The subtree of one monitor: what it says to all, and so what its peers are to have. */
export class Subtree {
  readonly filter: string;
  readonly statusTopic: string;
  readonly #base: string;
  readonly #monitor: Id;
  readonly #root: string;

  constructor(base: string, monitor: Id) {
    this.#base = base;
    this.#monitor = monitor;
    this.#root = `${base}/monitor/${monitor}/`;
    this.filter = `${this.#root}#`;
    this.statusTopic = channels.status.topic(base, { monitor });
  }

  /**
   * A message of this host's broker as it goes to the brokers of peers; `undefined` for what is not for them.
   *
   * A stored header is not: at a peer nobody could tell it from a beat, and a retained message tells state, never life.
   * That a session has ended is.
   */
  pushed(message: IncomingMessage): OutgoingMessage | undefined {
    const { topic, retain: isStored, expiry_s, properties = {} } = message;
    if (PUSHED in properties) return undefined;
    const channel = this.#channelOf(topic);
    if (channel === undefined) return undefined;
    const { retained, qos, measurement = false } = channel.definition;
    const payload = Buffer.from(message.payload).toString();
    const isCleared = payload === '';
    if (isCleared && !retained) return undefined;
    if (topic === this.statusTopic && isStored && this.stateIn(message) !== 'offline') return undefined;
    return {
      ...{ topic, payload, qos, retain: retained, properties: { [PUSHED]: this.#monitor } },
      // A topic that is cleared must be so in the end, and is not said again by itself.
      measurement: measurement && !isCleared,
      ...(expiry_s === undefined ? {} : { expiry_s }),
    };
  }

  /** What a message says of the monitor's session; `undefined` for any other, and for a broken one. */
  stateIn({ topic, payload }: IncomingMessage): 'online' | 'offline' | undefined {
    if (topic !== this.statusTopic || payload.length === 0) return undefined;
    try {
      return channels.status.decode(topic, payload).state;
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error;
      return undefined;
    }
  }

  #channelOf(topic: string): Channel | undefined {
    if (!topic.startsWith(this.#root)) return undefined;
    const [kind = ''] = topic.slice(this.#root.length).split('/', 1);
    const channel = KINDS.get(kind);
    return channel?.parse(this.#base, topic) === undefined ? undefined : channel;
  }
}
