import type { Device, Id } from '@guaita/model';
import type { ServiceContext } from '@guaita/service';
import { configuredFiles, type AssignConfig, type ConfiguredFile } from './config.ts';
import { FileFollower } from './file-follower.ts';
import { formatProblem, hasErrors, type InventoryResult, type LocalNetwork, type Problem } from './inventory/index.ts';
import { loadInventory, takeSnapshot } from './load.ts';
import type { AssignMetrics } from './metrics.ts';

/** A wrong file of 100,000 lines must not flood the log; `guaita devices check` shows them all. */
const MAX_LOGGED = 100;

/** Follows the inventory's files: a good change is fed, a bad one changes nothing and is reported until it is mended. */
export class InventoryFollower {
  readonly #context: ServiceContext;
  readonly #files: readonly ConfiguredFile[];
  readonly #readLocal: () => LocalNetwork;
  readonly #metrics: AssignMetrics;
  readonly #feed: (devices: readonly Device[]) => void;
  readonly #follower: FileFollower;
  #fileOf: ReadonlyMap<Id, string> | undefined;
  #mark: string | undefined;
  #loading: Promise<void> | undefined;
  #loadAgain = false;
  #stopped = false;

  /**
   * @param readLocal gives what `find` entries stand for, anew at each load.
   * @param feed takes all the devices of the files, whenever they have changed for good.
   */
  constructor(
    context: ServiceContext,
    config: AssignConfig,
    readLocal: () => LocalNetwork,
    metrics: AssignMetrics,
    feed: (devices: readonly Device[]) => void,
  ) {
    this.#context = context;
    this.#files = configuredFiles(config);
    this.#readLocal = readLocal;
    this.#metrics = metrics;
    this.#feed = feed;
    const files = this.#files.map(({ file }) => file);
    this.#follower = new FileFollower(files, context.clock, config.poll_s * 1000, () => void this.#load());
  }

  /** Resolves when the files have been read once, for good or bad. */
  async start(): Promise<void> {
    this.#follower.start();
    await this.#load();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#follower.stop();
    await this.#loading;
  }

  /** Whether the files were ever good since the start. */
  get applied(): boolean {
    return this.#fileOf !== undefined;
  }

  /** The file in which a device stands. */
  fileOf(device: Id): string | undefined {
    return this.#fileOf?.get(device);
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
        this.#take(await loadInventory(snapshot));
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

  #take({ devices, problems }: InventoryResult): void {
    const { log, health } = this.#context;
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
    this.#fileOf = new Map(devices.map(({ device, file }) => [device.device, file]));
    this.#feed(devices.map(({ device }) => device));
  }
}

function refusal(errors: readonly Problem[]): string {
  const [first] = errors;
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  const text = first === undefined ? 'mistakes' : formatProblem(first);
  return `not applied, the inventory before it still holds: ${text}${more}`;
}
