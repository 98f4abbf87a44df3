import { channels, type FoundService } from '@guaita/messages';
import type { RetainedKeeper } from '@guaita/service';
import type { Id } from '@guaita/model';
import type { PublishedService } from '../services/published-service.ts';
import type { LeftOut, Sink } from './sink.ts';

export interface MqttSinkOptions {
  /** Of all topics of channel `foundService`; started and stopped by who made it. */
  readonly keeper: Pick<RetainedKeeper, 'set' | 'purge'>;
  readonly base: string;
  /** This host, for those who ask on which node a service runs. */
  readonly node: string;
  /** Whether other nodes' services will be told as well: what a former run said is cleared once they have been. */
  readonly mirrors: boolean;
}

/**
 * Tells of services on MQTT, on `service/<type>/<name>`: retained, so that whoever comes later knows them, and cleared
 * with the service, also one that went while nobody told. There is no will: when the publisher dies the services go on,
 * and that it is gone stands in `monitor/<m>/service/serf-publisher`.
 */
export class MqttSink implements Sink {
  readonly name = 'mqtt';
  readonly #options: MqttSinkOptions;
  #own: ReadonlyMap<string, FoundService> = new Map();
  #others: ReadonlyMap<string, FoundService> = new Map();
  #topics: ReadonlySet<string> = new Set();
  #ownComplete = false;
  #othersComplete: boolean;

  constructor(options: MqttSinkOptions) {
    this.#options = options;
    this.#othersComplete = !options.mirrors;
  }

  publish(services: readonly PublishedService[], complete: boolean): Promise<readonly LeftOut[]> {
    const { node } = this.#options;
    this.#own = new Map(
      services.map((service) => [this.#topic(service.type, service.name), { ...service, node }] as const),
    );
    this.#ownComplete ||= complete;
    this.#say();
    return Promise.resolve([]);
  }

  /** Tells of all services that other nodes have, in place of those told before. Our own go first where two meet. */
  mirror(services: readonly { readonly type: Id; readonly name: Id; readonly service: FoundService }[]): void {
    this.#others = new Map(services.map(({ type, name, service }) => [this.#topic(type, name), service]));
    this.#othersComplete = true;
    this.#say();
  }

  #topic(type: Id, name: Id): string {
    return channels.foundService.topic(this.#options.base, { type, name });
  }

  #say(): void {
    const { keeper } = this.#options;
    const wanted = new Map([...this.#others, ...this.#own]);
    for (const topic of this.#topics) if (!wanted.has(topic)) keeper.set(topic, undefined);
    for (const [topic, service] of wanted) keeper.set(topic, channels.foundService.encode(inOrder(service)));
    this.#topics = new Set(wanted.keys());
    if (this.#ownComplete && this.#othersComplete) keeper.purge();
  }
}

/** The same service is the same text, whatever order its source has its facts in: what is the same is not said again. */
function inOrder({ type, name, address, port, protocol, description, txt, node, source }: FoundService): FoundService {
  const sorted = Object.fromEntries(Object.entries(txt).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { type, name, address, port, protocol, description, txt: sorted, node, source };
}
