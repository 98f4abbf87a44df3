import { BusError, Wire, type Bus, type IncomingMessage, type Will } from '@guaita/bus';
import { digestOf, type IntentsMessage, type Link, type LinkListener, type LinkMessage } from '@guaita/cluster';
import {
  bucketLevel,
  bucketOf,
  channels,
  intentLevel,
  intentPartOf,
  partIntents,
  unpackIntents,
  type IntentBucket,
  type MonitorStatus,
  type PayloadError,
} from '@guaita/messages';
import type { Header, Id, Intent } from '@guaita/model';
import type { Logger } from 'pino';

export interface MqttLinkOptions {
  readonly monitor: Id;
  /** The topic under which all others stand. */
  readonly base: string;
  /** Ours at the start; each header that is said may raise it. */
  readonly incarnation: number;
  /**
   * Makes the connection to the broker of this host. The link needs one of its own, for its will; a `patient` one, since
   * other links may do meanwhile.
   */
  readonly connect: (will: (connection: number) => Will) => Bus;
  readonly log: Logger;
  /** Told of every message that breaks the contract; it reaches nobody. The log names each topic once. */
  readonly onInvalid?: (error: PayloadError) => void;
}

/** A beat that is lost is followed by the next; to acknowledge those of 60 monitors costs as much as to read them. */
const BEATS = { qos: 0 } as const;

/** Topics named in the log: whoever makes topics up must not make it grow for ever. */
const NAMED_LIMIT = 1_000;

/**
 * The replicated state over MQTT, by the broker of this host: bridges, or the pushers of `guaita up --peer`, carry each
 * monitor's subtree to its peers.
 *
 * The session in our headers is the number of the connection, which its will knows too: so the will ends the session
 * that broke and no later one. A header is said at once or not at all, since the next beat comes soon and an old one
 * would speak for a session that is over; buckets and intents wait for the broker, the newest of each.
 */
export class MqttLink implements Link {
  readonly name: Id = 'mqtt';
  readonly #options: MqttLinkOptions;
  readonly #statusTopic: string;
  readonly #named = new Set<string>();
  /** Of each bucket of intents the parts that the broker keeps of ours, or of a former self. */
  readonly #kept = new Map<number, Set<number>>();
  #incarnation: number;
  #hostKey: string | undefined;
  #wire: Wire | undefined;
  #lossSaid = false;

  constructor(options: MqttLinkOptions) {
    this.#options = options;
    this.#incarnation = options.incarnation;
    this.#statusTopic = channels.status.topic(options.base, { monitor: options.monitor });
  }

  async start(listener: LinkListener, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { base, monitor, connect, log } = this.#options;
    const bus = connect((connection) => this.#will(connection));
    const wire = new Wire(bus, (error) => this.#noteInvalid(error), base);
    this.#wire = wire;
    bus.onConnection((connected) => {
      // It would be said again in the next session.
      if (!connected) bus.forget(this.#statusTopic);
      if (connected) listener.connected(true, bus.connection);
      else listener.connected(false);
    });
    // There is no connection yet, so that nothing is waited for.
    await this.#listen(wire, monitor, (message, { retain }) => listener.heard(message, retain));
    bus.start(signal).catch((error: unknown) => {
      if (!signal.aborted) log.error({ err: error }, 'the MQTT link ends');
    });
  }

  say(message: LinkMessage): void {
    const wire = this.#wire;
    if (wire === undefined) return;
    try {
      this.#publish(wire, message);
      this.#lossSaid = false;
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      // Whoever lacks it asks again.
      if (!this.#lossSaid) this.#options.log.warn(`a ${message.kind} is not said over MQTT: ${error.message}`);
      this.#lossSaid = true;
    }
  }

  async stop(): Promise<void> {
    const wire = this.#wire;
    if (wire === undefined) return;
    const { monitor } = this.#options;
    this.say({ kind: 'offline', monitor, incarnation: this.#incarnation, session: wire.bus.connection });
    this.#wire = undefined;
    await wire.bus.stop();
  }

  #publish(wire: Wire, message: LinkMessage): void {
    const { monitor } = this.#options;
    const { bus } = wire;
    switch (message.kind) {
      case 'header': {
        const { incarnation, host_key } = message.header;
        this.#incarnation = incarnation;
        this.#hostKey = host_key;
        if (bus.connected) this.#sayStatus(wire, { ...message.header, session: bus.connection, state: 'online' });
        break;
      }
      case 'offline': {
        const { incarnation } = message;
        if (bus.connected) this.#sayStatus(wire, { state: 'offline', incarnation, session: bus.connection });
        break;
      }
      case 'bucket':
        wire.say(channels.claims, { monitor, bucket: bucketLevel(message.bucket) }, message.content);
        break;
      case 'wants': {
        const { peer, incarnation, versions, intents } = message;
        // Asked again as long as something lacks: an old question need not wait.
        if (!bus.connected) break;
        const asked = {
          incarnation,
          versions: [...versions],
          ...(intents === undefined ? {} : { intents: [...intents] }),
        };
        wire.say(channels.wants, { monitor, peer }, asked);
        break;
      }
      case 'intents':
        this.#sayIntents(wire, message);
        break;
      case 'life':
        // What another source says of others is not ours to say.
        break;
    }
  }

  /** Says a bucket in as many parts as it takes, and takes away those that it had before and needs no longer. */
  #sayIntents(wire: Wire, { bucket, intents, digest = digestOf(intents) }: IntentsMessage): void {
    const { monitor } = this.#options;
    const topic = (part: number) => ({ monitor, bucket: intentLevel({ bucket, part }) });
    const parts = partIntents(intents, digest);
    const kept = this.#keptOf(bucket);
    for (const [part, value] of parts.entries()) {
      kept.add(part);
      wire.say(channels.intents, topic(part), value);
    }
    for (const part of kept) {
      if (part < parts.length) continue;
      wire.clear(channels.intents, topic(part));
      kept.delete(part);
    }
  }

  #keptOf(bucket: number): Set<number> {
    let kept = this.#kept.get(bucket);
    if (kept === undefined) this.#kept.set(bucket, (kept = new Set()));
    return kept;
  }

  #sayStatus(wire: Wire, status: MonitorStatus): void {
    wire.say(channels.status, { monitor: this.#options.monitor }, status);
  }

  #will(connection: number): Will {
    const payload = channels.status.encode({ state: 'offline', incarnation: this.#incarnation, session: connection });
    return { topic: this.#statusTopic, payload, retain: true };
  }

  async #listen(wire: Wire, self: Id, heard: (message: LinkMessage, as: IncomingMessage) => void): Promise<void> {
    await wire.hear(
      channels.status,
      {},
      ({ parameters: { monitor }, value, message }) => {
        if (value === undefined) return;
        const { state, ...status } = value;
        if (monitor === self && this.#isOwn(value)) return;
        if (value.state === 'offline') {
          const { incarnation, session } = value;
          heard({ kind: 'offline', monitor, incarnation, session }, message);
        } else {
          heard({ kind: 'header', monitor, header: status as Header }, message);
        }
      },
      BEATS,
    );
    await wire.hear(channels.claims, {}, ({ parameters: { monitor, bucket: level }, value, message }) => {
      const bucket = bucketOf(level);
      if (value === undefined || bucket === undefined) return;
      // What was stored may be another life's under our id, with our incarnation: the member tells it from an echo.
      if (monitor === self && value.incarnation === this.#incarnation && !message.retain) return;
      heard({ kind: 'bucket', monitor, bucket, content: value }, message);
    });
    await wire.hear(channels.wants, { peer: self }, ({ parameters: { monitor }, value, message }) => {
      if (value === undefined || monitor === self) return;
      heard({ kind: 'wants', monitor, peer: self, ...value }, message);
    });
    await wire.hear(channels.intents, {}, ({ parameters: { monitor, bucket: level }, value, message }) => {
      const place = intentPartOf(level);
      if (value === undefined || place === undefined) return;
      const { bucket, part } = place;
      if (monitor === self) {
        if (!message.retain) return;
        // A former self's: it may be all that is left of it, and it may have to be taken away.
        this.#keptOf(bucket).add(part);
      }
      heard({ kind: 'intents', monitor, bucket, intents: intentsOf(value), digest: value.digest }, message);
    });
  }

  /** Tells what this very run says from what a former self said, or another host under the same id. */
  #isOwn(status: MonitorStatus): boolean {
    if (status.incarnation !== this.#incarnation) return false;
    return status.state === 'offline' || status.host_key === this.#hostKey;
  }

  #noteInvalid(error: PayloadError): void {
    this.#options.onInvalid?.(error);
    if (this.#named.has(error.topic) || this.#named.size >= NAMED_LIMIT) return;
    this.#named.add(error.topic);
    this.#options.log.warn({ err: error }, 'a message of a monitor breaks the contract and is passed over');
  }
}

/** The intents of a message, made when somebody wants them: mostly they are known, by their digest. */
function intentsOf(value: IntentBucket): Iterable<Intent> {
  return { [Symbol.iterator]: () => unpackIntents(value) };
}
