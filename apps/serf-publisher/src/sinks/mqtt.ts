import { channels, type FoundService } from '@guaita/messages';
import type { RetainedKeeper } from '@guaita/service';
import type { MirroredService } from '../mirror/members-services.ts';
import { acrossHosts } from '../services/across-hosts.ts';
import type { PublishedService } from '../services/published-service.ts';
import type { Conflict } from '../services/union.ts';
import type { LeftOut, Sink } from './sink.ts';

type Keeper = Pick<RetainedKeeper, 'replace' | 'purge'>;

export interface MqttSinkOptions {
  /** Of this monitor’s topics of channel `hostService`. Who made the keepers starts and stops them. */
  readonly host: Keeper;
  /** Of all topics of channel `foundService`; says nothing while it is another publisher’s turn. */
  readonly audience: Keeper;
  readonly base: string;
  /** This host, for those who ask on which node a service runs. */
  readonly node: string;
  /** Whether Serf members' services will be told as well: what a former run said is cleared once they have been. */
  readonly mirrors: boolean;
  /** Told of what several hosts have under one name. */
  readonly onConflicts: (conflicts: readonly Conflict[]) => void;
}

/**
 * Tells of services on MQTT, retained, so that whoever comes later knows them, and cleared with the service, also one that
 * went while nobody told. This host's own stand on `host/<monitor>/service/<type>/<name>`, which nobody else writes; those of all
 * hosts on the broker, and of Serf's members, on `service/<type>/<name>`, by the one whose turn it is. There is no will: when
 * the publisher dies the services go on, and another takes them away once it has not come back.
 */
export class MqttSink implements Sink {
  readonly name = 'mqtt';
  readonly #options: MqttSinkOptions;
  #own: readonly FoundService[] = [];
  #hosts: readonly FoundService[] = [];
  #members: readonly MirroredService[] = [];
  #ownComplete = false;
  #membersComplete: boolean;

  constructor(options: MqttSinkOptions) {
    this.#options = options;
    this.#membersComplete = !options.mirrors;
  }

  publish(services: readonly PublishedService[], complete: boolean): Promise<readonly LeftOut[]> {
    const { node, host, base } = this.#options;
    this.#own = services.map((service) => ({ ...service, node }));
    const topic = ({ type, name }: FoundService): string =>
      channels.hostService.topic(base, { monitor: node, type, name });
    host.replace(payloads(this.#own, topic));
    if (complete) host.purge();
    this.#ownComplete ||= complete;
    this.#say();
    return Promise.resolve([]);
  }

  /** Tells of all services that the other hosts on the broker have, in place of those told before. */
  others(services: readonly FoundService[]): void {
    this.#hosts = services;
    this.#say();
  }

  /** Tells of all services that Serf's members tell of, in place of those told before. */
  mirror(services: readonly MirroredService[]): void {
    this.#members = services;
    this.#membersComplete = true;
    this.#say();
  }

  #say(): void {
    const { audience, base, onConflicts } = this.#options;
    const { services, conflicts } = acrossHosts([...this.#own, ...this.#hosts], this.#members);
    audience.replace(payloads(services, ({ type, name }) => channels.foundService.topic(base, { type, name })));
    if (this.#ownComplete && this.#membersComplete) audience.purge();
    onConflicts(conflicts);
  }
}

function payloads(
  services: readonly FoundService[],
  topic: (service: FoundService) => string,
): ReadonlyMap<string, string> {
  return new Map(services.map((service) => [topic(service), channels.foundService.encode(inOrder(service))]));
}

/** The same service is the same text, whatever order its source has its facts in: what is the same is not said again. */
function inOrder({ type, name, address, port, protocol, description, txt, node, source }: FoundService): FoundService {
  const sorted = Object.fromEntries(Object.entries(txt).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { type, name, address, port, protocol, description, txt: sorted, node, source };
}
