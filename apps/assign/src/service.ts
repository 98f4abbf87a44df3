import { join } from 'node:path';
import { Member, type Change, type Link, type Now, type Patience } from '@guaita/cluster';
import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import {
  CommandError,
  endInTurn,
  NameMemory,
  RetainedKeeper,
  type MonitorContext,
  type Service,
  type Timer,
} from '@guaita/service';
import { AudienceTurn } from './audience-turn.ts';
import { ClusterEffects } from './cluster-effects.ts';
import { ClusterRunner } from './cluster-runner.ts';
import { CommandDesk } from './command-desk.ts';
import type { AssignConfig } from './config.ts';
import { ForgottenMonitors } from './forgotten-monitors.ts';
import type { LocalNetwork } from './inventory/index.ts';
import { InventoryFollower } from './inventory-follower.ts';
import { linksFor } from './links.ts';
import { readLocalNetwork } from './local-network.ts';
import { AssignMetrics } from './metrics.ts';
import { OpenAlerts } from './open-alerts.ts';
import { OwnObservations } from './own-observations.ts';
import { OwnView } from './own-view.ts';
import { IdentityFile } from './store/identity-file.ts';
import { IntentStore } from './store/intent-store.ts';

/**
 * What a former run said is taken away only when all there is to know must be known: others' beats take up to 3 s, and
 * whoever starts first claims all for a moment.
 */
const SETTLED_AFTER_ms = 15_000;

/** One that is lost is followed by the next, a confirmation within seconds; there are many, and each would be acknowledged. */
const PROBES = { qos: 0 } as const;

/** A way to other monitors, and how long its silence is borne. */
export interface LinkInUse {
  readonly link: Link;
  readonly silence_ms: number;
}

/**
 * Makes the links of a monitor, the fastest source of life first.
 *
 * @param onTrouble told what a link cannot do for longer, and `undefined` when it can again; called once they run.
 */
export type MakeLinks = (
  context: MonitorContext,
  config: AssignConfig,
  incarnation: number,
  onTrouble: (about: string, problem: string | undefined) => void,
) => readonly LinkInUse[];

/**
 * Decides together with the other monitors who watches what, and tells this one's services and the broker's audience.
 * The deciding is `Member`'s; here it gets its links, its host's clock, its disk, its inventory files and commands.
 */
export class AssignService implements Service {
  readonly #context: MonitorContext;
  readonly #config: AssignConfig;
  readonly #makeLinks: MakeLinks;
  readonly #inventory: InventoryFollower;
  readonly #identity: IdentityFile;
  readonly #intents: IntentStore;
  readonly #assigned: RetainedKeeper;
  readonly #audience: RetainedKeeper;
  readonly #audienceTurn: AudienceTurn;
  readonly #view = new OwnView();
  readonly #seen = new OwnObservations();
  readonly #metrics: AssignMetrics;
  readonly #releases: (() => Promise<void> | void)[] = [];
  #cluster: { readonly member: Member; readonly runner: ClusterRunner } | undefined;
  #viewTimer: Timer | undefined;
  #settleTimer: Timer | undefined;

  /**
   * @param readLocal gives what `find` entries stand for, anew at each load.
   * @param makeLinks default: those of the configuration.
   */
  constructor(
    context: MonitorContext,
    config: AssignConfig,
    readLocal: (monitor: Id) => LocalNetwork = readLocalNetwork,
    makeLinks: MakeLinks = linksFor,
  ) {
    const { clock, health, log, monitor, random, metrics, dataDir, wire } = context;
    this.#context = context;
    this.#config = config;
    this.#makeLinks = makeLinks;
    this.#metrics = new AssignMetrics(metrics);
    this.#identity = new IdentityFile(join(dataDir, 'identity.json'), random, (problem) => log.warn(problem));
    this.#intents = new IntentStore({
      folder: join(dataDir, 'intents'),
      clock,
      onState: (trouble) => health.report('disk', trouble === undefined, trouble),
      warn: (problem) => log.warn(problem),
    });
    this.#inventory = new InventoryFollower(
      context,
      config,
      () => readLocal(monitor),
      this.#metrics,
      (devices) => {
        this.#cluster?.runner.tell((member, now) => member.feed(monitor, devices, now));
      },
    );
    const keeper = (name: Id, filters: readonly string[], speaks?: () => boolean): RetainedKeeper =>
      new RetainedKeeper({
        ...{ wire, clock, log, monitor, name, filters },
        memory: new NameMemory(join(dataDir, `topics-${name}`)),
        onState: (trouble) => health.report(name, trouble === undefined, trouble),
        ...(speaks === undefined ? {} : { speaks }),
      });
    this.#assigned = keeper('assigned', [channels.assigned.filter(wire.base, { monitor })]);
    this.#audience = keeper(
      'audience',
      [channels.spec, channels.cluster, channels.silence, channels.acknowledgement].map((each) =>
        each.filter(wire.base),
      ),
      () => this.#audienceTurn.speaks,
    );
    this.#audienceTurn = new AudienceTurn({
      context,
      isAbreast: () => this.#cluster?.member.isAbreast(this.#now()) ?? false,
      speak: () => this.#audience.speak(),
      fallSilent: () => this.#audience.fallSilent(),
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { clock, monitor, site, tags, random, log, turn, wire, dataDir } = this.#context;
    const { capacity, policy } = this.#config;
    const { host_key: hostKey, incarnation } = this.#identity.begin();
    const { intents, written_ms, alone } = await this.#intents.open();
    this.#releases.push(() => this.#intents.close());
    const used = this.#makeLinks(this.#context, this.#config, incarnation, (about, problem) =>
      effects.linkTrouble(about, problem),
    );
    const patience = used.map(({ link, silence_ms }): Patience => ({ link: link.name, silence_ms }));
    const member = new Member({
      ...{ self: monitor, site, tags, capacity, hostKey, incarnation, policy, patience, intents, random, alone },
      // The only copy is never dropped.
      ...(alone ? {} : { written_ms }),
    });
    const forgotten = new ForgottenMonitors(this.#context, new NameMemory(join(dataDir, 'purged-monitors')));
    forgotten.start();
    forgotten.follow(intents);
    this.#releases.push(() => forgotten.stop());
    const effects = new ClusterEffects({
      ...{ context: this.#context, forgotten, metrics: this.#metrics, identity: this.#identity },
      ...{ assigned: this.#assigned, audience: this.#audience, intents: this.#intents },
      fileOf: (device) => this.#inventory.fileOf(device),
      ownView: () => member.monitors().get(monitor),
      watched: (device) => this.#tellSeen(device),
    });
    const runner = new ClusterRunner({
      ...{ member, links: used.map(({ link }) => link), clock: this.#context.clock },
      apply: (effect) => effects.apply(effect),
    });
    this.#cluster = { member, runner };

    this.#assigned.start();
    this.#releases.push(() => this.#assigned.stop());
    this.#audience.start();
    this.#releases.push(() => this.#audience.stop());
    this.#audienceTurn.start();
    this.#releases.push(() => this.#audienceTurn.stop());
    this.#releases.push(() => runner.stop());
    await runner.start(signal);
    await this.#hearOwnServices(runner);

    const openAlerts = new OpenAlerts({
      context: this.#context,
      isAcknowledged: (alert) => member.alerts.isAcknowledged(alert),
      intend: (change) => runner.tell((each, now) => each.intend(change, now)),
    });
    this.#releases.push(() => openAlerts.stop());
    await openAlerts.start();
    const desk = new CommandDesk({
      ...{ wire, monitor, log, clock, random, knowledge: member, speaks: () => turn.speaks },
      isOpen: (alert) => openAlerts.isOpen(alert),
      intend: (changes) => this.#intend(changes),
    });
    this.#releases.push(() => desk.stop());
    await desk.start();
    this.#releases.push(() => this.#inventory.stop());
    await this.#inventory.start();
    this.#tellFacts();
    this.#settleLater();
  }

  async stop(): Promise<void> {
    this.#viewTimer?.cancel();
    this.#settleTimer?.cancel();
    const failures = await endInTurn(this.#releases.splice(0).reverse());
    if (failures.length > 0) throw new AggregateError(failures, 'the assign service could not release everything');
  }

  async #hearOwnServices(runner: ClusterRunner): Promise<void> {
    const { wire, clock, monitor } = this.#context;
    this.#releases.push(
      await wire.hear(channels.probing, { monitor }, ({ value, message }) => {
        this.#view.hearProbing(value, message.retain, clock.monotonic_ms());
        this.#tellFacts();
      }),
      await wire.hear(channels.presence, { monitor, service: 'ping' }, ({ parameters, value }) => {
        this.#view.hearPresence(parameters.instance, value);
        this.#tellFacts();
      }),
      await wire.hear(
        channels.ping,
        { monitor },
        ({ parameters: { device }, value }) => {
          const sees = this.#seen.hear(device, value);
          if (sees !== undefined) runner.tellSoon((member, now) => member.sees(device, sees, now));
        },
        PROBES,
      ),
    );
  }

  /** What is known of a device already when it is claimed. */
  #tellSeen(device: Id): void {
    const sees = this.#seen.get(device);
    if (sees !== undefined) this.#cluster?.runner.tellSoon((member, now) => member.sees(device, sees, now));
  }

  #now(): Now {
    const { clock } = this.#context;
    return { monotonic_ms: clock.monotonic_ms(), wall_ms: clock.now_ms() };
  }

  /** Tells how this host's own probing is, and looks again when its newest word is due to expire. */
  #tellFacts(): void {
    const { clock } = this.#context;
    const now_ms = clock.monotonic_ms();
    const facts = this.#view.at(now_ms, clock.now_ms());
    this.#viewTimer?.cancel();
    if (facts.probing) this.#viewTimer = clock.after(this.#view.left_ms(now_ms), () => this.#tellFacts());
    this.#cluster?.runner.tell((member, now) => member.facts(facts, now));
  }

  /** Resolves when it is on disk, so that what was answered for is not lost. */
  async #intend(changes: readonly Change[]): Promise<void> {
    const runner = this.#cluster?.runner;
    runner?.tell((member, now) => {
      for (const change of changes) member.intend(change, now);
    });
    await runner?.worked();
    await this.#intents.flush();
    const { trouble } = this.#intents;
    if (trouble !== undefined) throw new CommandError(`other monitors hear of it, but it is not kept here: ${trouble}`);
  }

  /** What a former run said beside what is known by now is taken away, once there is an inventory and a prober. */
  #settleLater(): void {
    const { clock } = this.#context;
    this.#settleTimer = clock.after(SETTLED_AFTER_ms, () => {
      const member = this.#cluster?.member;
      const known = this.#inventory.applied || (member?.devices().size ?? 0) > 0;
      if (!known || member?.decides !== true || !this.#view.at(clock.monotonic_ms(), clock.now_ms()).probing) {
        this.#settleLater();
        return;
      }
      this.#assigned.purge();
      this.#audience.purge();
    });
  }
}
