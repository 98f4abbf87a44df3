import { join } from 'node:path';
import { channels, type MonitorView } from '@guaita/messages';
import type { Service, ServiceContext, Timer } from '@guaita/service';
import { Counter, Gauge } from 'prom-client';
import { configuredFiles, type AssignConfig, type ConfiguredFile } from './config.ts';
import { FileFollower } from './file-follower.ts';
import { formatProblem, hasErrors, type InventoryResult, type LocalNetwork, type Problem } from './inventory/index.ts';
import { inSteps } from './in-steps.ts';
import { loadInventory, takeSnapshot } from './load.ts';
import { readLocalNetwork } from './local-network.ts';
import { OwnView } from './own-view.ts';
import { RetainedKeeper } from './retained-keeper.ts';
import { statements } from './statements.ts';
import { TopicMemory } from './topic-memory.ts';

/** A wrong file of 100,000 lines must not flood the log; `guaita devices check` shows them all. */
const MAX_LOGGED = 100;

/**
 * Keeps the inventory, and says of each of its devices that this monitor, being by itself, watches it. Follows the
 * inventory's files: a good change is said as a difference, a bad one changes nothing and is reported until it is mended.
 */
export class AssignService implements Service {
  readonly #context: ServiceContext;
  readonly #files: readonly ConfiguredFile[];
  readonly #readLocal: () => LocalNetwork;
  readonly #follower: FileFollower;
  readonly #keeper: RetainedKeeper;
  readonly #view = new OwnView();
  readonly #ends: (() => Promise<void>)[] = [];
  readonly #metrics: ReturnType<typeof createMetrics>;
  #mark: string | undefined;
  #devices = 0;
  #said: string | undefined;
  #viewTimer: Timer | undefined;
  #loading: Promise<void> | undefined;
  #loadAgain = false;
  #stopped = false;

  /** @param readLocal gives what `find` entries stand for, anew at each load. */
  constructor(context: ServiceContext, config: AssignConfig, readLocal: () => LocalNetwork = readLocalNetwork) {
    const { wire, clock, log, health, monitor, metrics } = context;
    this.#context = context;
    this.#files = configuredFiles(config);
    this.#readLocal = readLocal;
    this.#metrics = createMetrics(metrics);
    const files = this.#files.map(({ file }) => file);
    this.#follower = new FileFollower(files, clock, config.poll_s * 1000, () => void this.#load());
    this.#keeper = new RetainedKeeper({
      wire,
      clock,
      log,
      filters: [channels.assigned.filter(wire.base, { monitor }), channels.spec.filter(wire.base)],
      memory: new TopicMemory(join(context.dataDir, 'topics')),
      markTopic: channels.cluster.topic(wire.base, { monitor }),
      mark: () => this.#sayView(true),
      onState: (trouble) => health.report('statements', trouble === undefined, trouble),
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    const { wire, clock, monitor } = this.#context;
    signal.throwIfAborted();
    this.#ends.push(
      await wire.hear(channels.probing, { monitor }, ({ value, message }) => {
        this.#view.hearProbing(value, message.retain, clock.monotonic_ms());
        this.#sayView();
      }),
      await wire.hear(channels.service, { monitor, service: 'ping' }, ({ value }) => {
        this.#view.hearPingStatus(value);
        this.#sayView();
      }),
    );
    this.#keeper.start();
    this.#follower.start();
    await this.#load();
    this.#sayView();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#follower.stop();
    this.#viewTimer?.cancel();
    await this.#loading;
    await this.#keeper.stop();
    for (const end of this.#ends.splice(0)) await end();
  }

  /** Reads the files; one load at a time, and once more when there was a change meanwhile. */
  #load(): Promise<void> {
    this.#loadAgain = true;
    this.#loading ??= this.#loadAll();
    return this.#loading;
  }

  async #loadAll(): Promise<void> {
    while (this.#loadAgain && !this.#stopped) {
      this.#loadAgain = false;
      try {
        const snapshot = await takeSnapshot(this.#files, this.#readLocal());
        if (snapshot.mark === this.#mark || this.#stopped) continue;
        this.#mark = snapshot.mark;
        await this.#take(await loadInventory(snapshot));
      } catch (error) {
        // No mistake of the files: those are problems. Reported, and tried again at the next poll.
        this.#mark = undefined;
        this.#context.log.error({ err: error }, 'the inventory could not be read');
        const cause = error instanceof Error ? error.message : String(error);
        this.#context.health.report('inventory', false, `could not be read, tried again soon: ${cause}`);
      }
    }
    this.#loading = undefined;
  }

  async #take({ devices, problems }: InventoryResult): Promise<void> {
    const { log, health, monitor, wire } = this.#context;
    const errors = problems.filter(({ severity }) => severity === 'error');
    for (const problem of problems.slice(0, MAX_LOGGED)) {
      const level = problem.severity === 'error' ? 'error' : problem.severity === 'warning' ? 'warn' : 'info';
      log[level](formatProblem(problem));
    }
    if (problems.length > MAX_LOGGED) {
      log.error(`and ${problems.length - MAX_LOGGED} more: "guaita devices check FILE" shows them all`);
    }
    this.#metrics.problems.set(errors.length);
    if (hasErrors(problems)) {
      this.#metrics.loads.inc({ result: 'refused' });
      health.report('inventory', false, refusal(errors));
      return;
    }
    this.#metrics.loads.inc({ result: 'applied' });
    this.#metrics.devices.set(devices.length);
    health.report('inventory', true);
    log.info({ devices: devices.length }, `the inventory has ${devices.length} devices`);
    this.#devices = devices.length;
    this.#keeper.keep(await inSteps(statements(devices, monitor, wire.base)));
    this.#sayView();
  }

  /** Says how this monitor is, when that has changed or `always`; looks again when its newest word is due to expire. */
  #sayView(always = false): void {
    if (this.#stopped) return;
    const { wire, clock, monitor, site } = this.#context;
    const now_ms = clock.monotonic_ms();
    const state = { site, alive: true, ...this.#view.at(now_ms), devices: this.#devices };
    this.#viewTimer?.cancel();
    if (state.probing) this.#viewTimer = clock.after(this.#view.left_ms(now_ms), () => this.#sayView());
    const text = JSON.stringify(state);
    if (text === this.#said && !always) return;
    this.#said = text;
    const view: MonitorView = { ...state, at: new Date(clock.now_ms()).toISOString() };
    wire.say(channels.cluster, { monitor }, view);
  }
}

function refusal(errors: readonly Problem[]): string {
  const [first] = errors;
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  const text = first === undefined ? 'mistakes' : formatProblem(first);
  return `not applied, the inventory before it still holds: ${text}${more}`;
}

function createMetrics(registry: ServiceContext['metrics']) {
  const registers = [registry];
  return {
    devices: new Gauge({ name: 'guaita_assign_devices', help: 'Devices in the inventory that is applied', registers }),
    problems: new Gauge({
      name: 'guaita_assign_inventory_errors',
      help: 'Mistakes in the inventory as it was read last; above 0 it is not applied',
      registers,
    }),
    loads: new Counter({
      name: 'guaita_assign_inventory_loads_total',
      help: 'Changed inventories read',
      labelNames: ['result'],
      registers,
    }),
  };
}
