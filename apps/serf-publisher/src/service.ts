import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { backoff } from '@guaita/bus';
import { channels } from '@guaita/messages';
import { ID_MAX_LENGTH } from '@guaita/model';
import { SerfClient } from '@guaita/serf';
import { KeptFile, NameMemory, RetainedKeeper, type MonitorContext, type Service, type Timer } from '@guaita/service';
import type { PublisherConfig } from './config.ts';
import { SerfEvents } from './events/serf-events.ts';
import { WantedEvents } from './events/wanted-events.ts';
import { hostAddress } from './host-address.ts';
import { leftOutVoice, tellingLeftOut } from './left-out-voice.ts';
import { PublisherMetrics } from './metrics.ts';
import { SerfMirror } from './mirror/serf-mirror.ts';
import { OtherHosts } from './other-hosts.ts';
import { Publisher } from './publisher.ts';
import type { ServiceRecord } from './services/service-record.ts';
import { describeConflict } from './services/union.ts';
import type { RepeatedSink } from './sink-lane.ts';
import { AvahiPsSink, PublishedList } from './sinks/avahi-ps.ts';
import { MqttSink } from './sinks/mqtt.ts';
import { findProgram, program } from './sinks/run-program.ts';
import { SERF_TAG_SINK, SerfTagSink } from './sinks/serf-tag.ts';
import { Announcements, KeptAnnouncements } from './sources/announcements/announcements.ts';
import { kubernetesSource } from './sources/kubernetes/source.ts';
import { OwnSource } from './sources/own.ts';
import type { Source } from './sources/source.ts';
import { swarmSource } from './sources/swarm/source.ts';
import { Troubles } from './troubles.ts';

/** avahi-ps is a script that asks Avahi and Serf; on a loaded Pi it takes seconds. */
const AVAHI_PS_LIMIT_ms = 3_000;
/** The sink itself knows what is to be told again by then. */
const AVAHI_PS_REPEAT_ms = 60_000;

/** What takes tags away is heard at once, and an agent drops events, without a word, of whom it has too many waiting. */
const SERF_REPEAT_ms = 60_000;
/** An agent that restarts has forgotten its tags; others should know again within five seconds. */
const SERF_PAUSES = { first_ms: 200, most_ms: 3_000 };

/** How often a host without a way to others is asked for one: a route is there some seconds after the router is. */
const ADDRESS_LOOK_ms = 10_000;

/** A program that this service needs is not there. */
export class PublisherError extends Error {
  override readonly name = 'PublisherError';
}

/** Makes what runs on this host, and on the clusters that it asks, known by all the ways that are configured. */
export class SerfPublisherService implements Service {
  readonly #context: MonitorContext;
  readonly #config: PublisherConfig;
  readonly #releases: (() => Promise<void> | void)[] = [];
  #awaitsAddress: Timer | undefined;
  #moving: Promise<void> = Promise.resolve();

  constructor(context: MonitorContext, config: PublisherConfig) {
    this.#context = context;
    this.#config = config;
  }

  async start(): Promise<void> {
    const address = this.#config.address ?? (await hostAddress());
    if (address === undefined) this.#awaitAddress();
    await this.#begin(address ?? hostname());
  }

  /**
   * A host that has no way to others yet, such as one that is switched on before its router, tells of itself by its name,
   * and begins anew once it has an address.
   */
  #awaitAddress(): void {
    const { clock, log } = this.#context;
    log.warn(
      `it cannot be told where this host is reached: it has no way to others. Until it has, its services are told at ${hostname()}; serf-publisher.address names another address`,
    );
    const look = async (): Promise<void> => {
      const address = await hostAddress();
      if (this.#awaitsAddress === undefined) return;
      if (address === undefined) {
        this.#awaitsAddress = clock.after(ADDRESS_LOOK_ms, moveWhenThere);
        return;
      }
      log.info({ address }, 'this host has a way to others now');
      this.#awaitsAddress = undefined;
      await this.#release();
      await this.#begin(address);
    };
    const moveWhenThere = (): void => {
      this.#moving = look().catch((error: unknown) => {
        log.error({ err: error }, 'services are not told: give serf-publisher.address, and start again');
      });
    };
    this.#awaitsAddress = clock.after(ADDRESS_LOOK_ms, moveWhenThere);
  }

  async #begin(address: string): Promise<void> {
    const { clock, random, log, health } = this.#context;
    const metrics = new PublisherMetrics(this.#context.metrics);
    this.#releases.push(() => metrics.remove());
    const { mqtt, others, members } = this.#mqtt();
    const agent = this.#serfAgent();
    const sinks = [{ sink: mqtt, repeat_ms: Infinity }, ...this.#serfTag(agent), ...this.#avahiPs(address)];
    const sources = this.#sources(address, others);
    const publisher = new Publisher({ sources, sinks, clock, random, log, health, metrics });
    this.#releases.push(() => publisher.stop());
    if (agent === undefined) {
      // What a former run told, or another publisher before us, is not known any more.
      members.purge();
      this.#context.turn.prefer(false);
    } else {
      this.#mirror(agent, mqtt, members, publisher);
      this.#events(agent, metrics);
    }
    others.start();
    await publisher.start();
  }

  async stop(): Promise<void> {
    this.#awaitsAddress?.cancel();
    this.#awaitsAddress = undefined;
    await this.#moving;
    await this.#release();
  }

  async #release(): Promise<void> {
    // At the same time: a sink that waits for its agent ends when the connection to that does.
    await Promise.all(this.#releases.splice(0).map(async (release) => release()));
  }

  /** Those whose word counts more first: what somebody said before what somebody runs. */
  #sources(address: string, others: OtherHosts): readonly Source[] {
    const { wire, monitor, log, dataDir, clock, random } = this.#context;
    const { docker, kubernetes, only_labelled: onlyLabelled, address: configured } = this.#config;
    const common = { clock, random, onlyLabelled };
    return [
      new OwnSource(this.#own(address)),
      new Announcements({
        ...{ wire, monitor, log, address, speaks: () => others.speaks },
        isElsewhere: (key) => others.announces(key),
        kept: new KeptFile(join(dataDir, 'announcements.json'), KeptAnnouncements, log),
      }),
      // Without an address of ours it is the one that the Swarm knows for the node that is asked.
      ...(docker === undefined ? [] : [swarmSource({ ...common, engine: docker, address: configured })]),
      ...(kubernetes === undefined ? [] : [kubernetesSource({ ...common, ...kubernetes, address })]),
    ];
  }

  #own(address: string): readonly ServiceRecord[] {
    const { page, broker } = this.#config;
    const name = `guaita-${this.#context.monitor}`.slice(0, ID_MAX_LENGTH);
    return [page, broker].flatMap((own) =>
      own === undefined ? [] : [{ ...own, name, address, protocol: 'tcp' as const, txt: {} }],
    );
  }

  /** What tells on MQTT of services, and of Serf's members: of this host always, to the audience while it is our turn. */
  #mqtt(): { readonly mqtt: MqttSink; readonly others: OtherHosts; readonly members: RetainedKeeper } {
    const { wire, clock, log, health, monitor, turn } = this.#context;
    const others = new OtherHosts({
      ...{ wire, clock, log, monitor, turn },
      onServices: (services) => mqtt.others(services),
      onTurn: (speaks) => {
        for (const keeper of [audience, members]) {
          if (speaks) keeper.speak();
          else keeper.fallSilent();
        }
        if (!speaks) troubles.set('conflicts-of-hosts', []);
      },
    });
    const speaks = (): boolean => others.speaks;
    const audience = this.#keeper('services', channels.foundService.filter(wire.base), speaks);
    const members = this.#keeper('members', channels.serfMember.filter(wire.base), speaks);
    const troubles = new Troubles(log, health);
    const mqtt = new MqttSink({
      host: this.#keeper('host-services', channels.hostService.filter(wire.base, { monitor })),
      ...{ audience, base: wire.base, node: monitor, mirrors: this.#config.serf !== undefined },
      // Whoever's turn it is says it.
      onConflicts: (conflicts) =>
        troubles.set('conflicts-of-hosts', others.speaks ? conflicts.map(describeConflict) : []),
    });
    this.#releases.push(() => others.stop());
    return { mqtt, others, members };
  }

  /** Keeps what the broker keeps on topics of a filter; those that are not ours alone while it is our turn. */
  #keeper(name: string, filter: string, speaks?: () => boolean): RetainedKeeper {
    const { wire, clock, log, monitor, dataDir, health } = this.#context;
    const keeper = new RetainedKeeper({
      ...{ wire, clock, log, monitor, name, filters: [filter] },
      memory: new NameMemory(join(dataDir, `topics-${name}`)),
      onState: (trouble) => health.report(name, trouble === undefined, trouble),
      ...(speaks === undefined ? {} : { speaks }),
    });
    keeper.start();
    this.#releases.push(() => keeper.stop());
    return keeper;
  }

  #serfAgent(): SerfClient | undefined {
    const { serf } = this.#config;
    if (serf === undefined) return undefined;
    const { agent: address, key } = serf;
    const { random } = this.#context;
    const pauses = (): Iterator<number> => backoff({ ...SERF_PAUSES, random });
    const agent = new SerfClient({ address, random, pauses, ...(key === undefined ? {} : { authKey: key }) });
    agent.start();
    this.#releases.push(() => agent.stop());
    return agent;
  }

  /** Tells on MQTT of the community network that the agent belongs to. */
  #mirror(agent: SerfClient, mqtt: MqttSink, members: RetainedKeeper, publisher: Publisher): void {
    const { wire, clock, log, health, turn } = this.#context;
    const troubles = new Troubles(log, health);
    const mirror = new SerfMirror({
      ...{ agent, clock, keeper: members, base: wire.base },
      onAnswers: (answers) => turn.prefer(answers),
      onServices: (services) => mqtt.mirror(services),
      onTagLost: () => publisher.tellAgain(SERF_TAG_SINK),
      onTrouble: (remarks) => troubles.set('serf', remarks),
    });
    mirror.start();
    // First: that the agent is let go is no trouble then.
    this.#releases.unshift(() => mirror.stop());
  }

  /** Tells on MQTT of what its members send one another, as far as that is wanted. */
  #events(agent: SerfClient, metrics: PublisherMetrics): void {
    const { wire, clock, log, health, turn } = this.#context;
    const names = this.#config.serf?.events ?? [];
    if (names.length === 0) return;
    const troubles = new Troubles(log, health);
    const events = new SerfEvents({
      ...{ agent, clock, wanted: new WantedEvents(names), speaks: () => turn.speaks },
      say: (name, event) => wire.say(channels.serfEvent, { name }, event),
      onResult: (result) => metrics.event(result),
      onTrouble: (remarks) => troubles.set('serf-events', remarks),
    });
    events.start();
    this.#releases.unshift(() => events.stop());
  }

  #serfTag(agent: SerfClient | undefined): readonly RepeatedSink[] {
    const { serf } = this.#config;
    const voice = leftOutVoice(this.#context);
    voice.start();
    this.#releases.push(() => voice.stop());
    if (serf === undefined || agent === undefined) {
      // What did not fit before its part was taken out of the configuration is nothing any more.
      voice.report({ leftOut: [], room_bytes: 0 });
      return [];
    }
    const { host = hostname(), microcloud, tag_bytes } = serf;
    const sink = new SerfTagSink({ agent, host: { host, microcloud }, room_bytes: tag_bytes });
    return [{ sink: tellingLeftOut(sink, tag_bytes, voice), repeat_ms: SERF_REPEAT_ms }];
  }

  #avahiPs(address: string): readonly RepeatedSink[] {
    const { dataDir, log, clock } = this.#context;
    const wanted = this.#config.avahi_ps;
    if (wanted === undefined) return [];
    const file = findProgram(wanted.program);
    if (file === undefined) {
      throw new PublisherError(
        `there is no program ${wanted.program}; install avahi-ps, name its file, or take serf-publisher.avahi_ps out`,
      );
    }
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    const sink = new AvahiPsSink({
      clock,
      run: program(file, AVAHI_PS_LIMIT_ms),
      addresses: new Set([address, ...own.map((each) => each.address)]),
      kept: new KeptFile(join(dataDir, 'avahi-ps.json'), PublishedList, log),
    });
    return [{ sink, repeat_ms: AVAHI_PS_REPEAT_ms }];
  }
}
