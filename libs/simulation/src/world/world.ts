import type { Effect, Patience } from '@guaita/cluster';
import type { Id } from '@guaita/model';
import type { Agenda } from '../engine/agenda.ts';
import { seededRandom } from '../engine/random.ts';
import { DATABASE_PATIENCE_ms, MQTT_PATIENCE_ms } from '../guarantees/times.ts';
import { DatabaseLink } from '../network/database-link.ts';
import { Database } from '../network/database.ts';
import type { HostLink } from '../network/host-link.ts';
import { MqttLink } from '../network/mqtt-link.ts';
import { MqttNetwork, type Witness } from '../network/mqtt-network.ts';
import type { Parcel, Weather } from '../network/pipe.ts';
import type { Fault } from '../scenario/fault.ts';
import type { MonitorSpec, Scenario } from '../scenario/scenario.ts';
import type { Story } from '../story.ts';
import { Host, type Entry, type HostWatcher } from './host.ts';
import type { Sabotage } from './sabotage.ts';

/** On the host itself a message takes this long from the program to the broker. */
const LOCAL: Weather = { delay_ms: [0.2, 2], loss: 0, doubling: 0, reordering: 0 };

/** Is told what is done to the world. */
export interface Disturbances extends HostWatcher {
  began(fault: Fault): void;
  /** A host's program has ended, and what it watched is watched by it no longer. */
  ended(host: Host): void;
  /** An operator has said something at a host. */
  entered(host: Host, change: Entry): void;
  /** Something that the promises give time for. */
  faulted(): void;
  /** Something that must not take a watcher from any device, but needs time to settle. */
  changed(): void;
}

/** All hosts, and all that is between them. */
export class World implements Witness {
  readonly agenda: Agenda;
  readonly scenario: Scenario;
  readonly hosts = new Map<Id, Host>();
  readonly mqtt: MqttNetwork;
  readonly database: Database;
  readonly story: Story;
  readonly #mqttLinks = new Map<Id, MqttLink>();
  readonly #databaseLinks = new Map<Id, DatabaseLink>();
  readonly #sabotage: Sabotage;
  #weather: Weather;
  #unrest = 0;
  #disturbances: Disturbances | undefined;

  constructor(scenario: Scenario, agenda: Agenda, story: Story, sabotage: Sabotage) {
    this.scenario = scenario;
    this.agenda = agenda;
    this.story = story;
    this.#sabotage = sabotage;
    this.#weather = scenario.weather;
    const { monitors, seed, queueLimit } = scenario;
    this.database = new Database(agenda, seededRandom(seed, 'database'), new Set(monitors.map(({ site }) => site)));
    const ofBrokers = Map.groupBy(monitors, ({ broker }) => broker);
    this.mqtt = new MqttNetwork({
      agenda,
      seed,
      monitors: new Map(
        [...ofBrokers].map(([broker, specs]) => [broker, new Set(specs.map(({ monitor }) => monitor))]),
      ),
      weather: () => this.#weather,
      queueLimit,
      witness: this,
    });
    for (const spec of monitors) this.hosts.set(spec.monitor, this.#host(spec));
  }

  /** Starts whoever is there from the beginning. */
  start(disturbances: Disturbances): void {
    this.#disturbances = disturbances;
    for (const { monitor, broker, present } of this.scenario.monitors) {
      if (!present && this.ownsBroker(monitor)) this.mqtt.stopBroker(broker);
    }
    for (const spec of this.scenario.monitors) if (spec.present) this.host(spec.monitor).start();
  }

  host(id: Id): Host {
    const host = this.hosts.get(id);
    if (host === undefined) throw new Error(`there is no monitor ${id}`);
    return host;
  }

  /** Those whose program runs. */
  get alive(): Host[] {
    return [...this.hosts.values()].filter(({ alive }) => alive);
  }

  mqttLink(id: Id): MqttLink | undefined {
    return this.#mqttLinks.get(id);
  }

  databaseLink(id: Id): DatabaseLink | undefined {
    return this.#databaseLinks.get(id);
  }

  /** The broker runs on the monitor's own host. */
  ownsBroker(id: Id): boolean {
    return this.host(id).spec.broker === id;
  }

  /** The longest that a message takes from a member to another over MQTT, in good weather. */
  get delay_ms(): number {
    const most = this.scenario.weather.delay_ms[1];
    const shared = this.scenario.monitors.some(({ broker, monitor }) => broker !== monitor);
    return (shared ? 3 * most : most + 2 * LOCAL.delay_ms[1]) + this.scenario.batch_ms;
  }

  /** Over which link what is said at one host is heard at another now. */
  reach(from: Host, to: Host): 'mqtt' | 'database' | undefined {
    if (this.scenario.links !== 'database' && this.#reachesByMqtt(from, to)) return 'mqtt';
    if (this.scenario.links === 'mqtt') return undefined;
    const [one, other] = [this.databaseLink(from.id), this.databaseLink(to.id)];
    const stand = one?.connected === true && other?.connected === true && !one.blocked && !other.blocked;
    return stand && this.database.reaches(from.spec.site, to.spec.site) ? 'database' : undefined;
  }

  /** Something is wrong that is not a lasting state: nothing is promised meanwhile. */
  get unrest(): boolean {
    return this.#unrest > 0 || !this.mqtt.settled;
  }

  unsettle(by: 1 | -1): void {
    this.#unrest += by;
    this.faulted();
  }

  began(fault: Fault): void {
    this.#disturbances?.began(fault);
  }

  ended(host: Host): void {
    this.#disturbances?.ended(host);
  }

  entered(host: Host, change: Entry): void {
    this.#disturbances?.entered(host, change);
  }

  setWeather(weather: Weather): void {
    this.#weather = weather;
  }

  faulted(): void {
    this.#disturbances?.faulted();
  }

  changed(): void {
    this.#disturbances?.changed();
  }

  lost({ message }: Parcel, why: 'loss' | 'full queue'): void {
    this.faulted();
    if (this.story.full) this.story.tally(`  a message of ${message.monitor} (${message.kind}) is lost: ${why}`);
  }

  stirred(): void {
    this.changed();
  }

  /** The monitors of a host's broker are cut from it when the broker's program ends, and come back by themselves. */
  brokerStops(broker: Id): void {
    this.mqtt.stopBroker(broker);
    for (const host of this.alive) if (host.spec.broker === broker) this.#mqttLinks.get(host.id)?.reset();
  }

  #reachesByMqtt(from: Host, to: Host): boolean {
    const [one, other] = [this.mqttLink(from.id), this.mqttLink(to.id)];
    const stand = one?.connected === true && other?.connected === true && !one.blocked && !other.blocked;
    return stand && this.mqtt.reaches(from.spec.broker, to.spec.broker);
  }

  #host(spec: MonitorSpec): Host {
    const { seed, policy } = this.scenario;
    return new Host({
      spec,
      agenda: this.agenda,
      seed,
      policy,
      patience: this.#patience(),
      watcher: { effect: (host: Host, effect: Effect) => this.#disturbances?.effect(host, effect) },
      sabotage: this.#sabotage,
      batch_ms: this.scenario.batch_ms,
      links: (host) => this.#links(host),
    });
  }

  #patience(): Patience[] {
    const mqtt: Patience = { link: 'mqtt', silence_ms: MQTT_PATIENCE_ms };
    const database: Patience = { link: 'database', silence_ms: DATABASE_PATIENCE_ms };
    switch (this.scenario.links) {
      case 'mqtt':
        return [mqtt];
      case 'database':
        return [database];
      case 'both':
        return [mqtt, database];
    }
  }

  #links(host: Host): HostLink[] {
    const links: HostLink[] = [];
    const random = seededRandom(this.scenario.seed, `links ${host.id}`);
    if (this.scenario.links !== 'database') {
      const broker = this.mqtt.brokers.get(host.spec.broker);
      if (broker === undefined) throw new Error(`there is no broker ${host.spec.broker}`);
      const link = new MqttLink({
        monitor: host.id,
        broker,
        end: host,
        agenda: this.agenda,
        random,
        weather: () => (this.ownsBroker(host.id) ? LOCAL : this.#weather),
        queueLimit: this.scenario.queueLimit,
        witness: this,
      });
      this.#mqttLinks.set(host.id, link);
      links.push(link);
    }
    if (this.scenario.links !== 'mqtt') {
      const link = new DatabaseLink({
        monitor: host.id,
        site: host.spec.site,
        database: this.database,
        end: host,
        agenda: this.agenda,
        random,
        believesEmptyAnswers: this.#sabotage.believesEmptyAnswers === true,
      });
      this.#databaseLinks.set(host.id, link);
      links.push(link);
    }
    return links;
  }
}
