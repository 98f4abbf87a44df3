import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MonitorContext, Service } from '@guaita/service';
import type { StorageConfig } from './config.ts';
import { nodeDisk } from './disk/node-disk.ts';
import { roomOf } from './disk/room.ts';
import { DuckDb } from './engine/duckdb.ts';
import { Backlog } from './export/backlog.ts';
import { Destination } from './export/destination.ts';
import { ExportMetrics } from './export/export-metrics.ts';
import { Exporter } from './export/exporter.ts';
import { HttpServer } from './http/http-server.ts';
import { Intake } from './intake/intake.ts';
import { Rows } from './intake/rows.ts';
import { Layout } from './layout.ts';
import { StorageMetrics } from './metrics.ts';
import { QueryDesk } from './query/query-desk.ts';
import { HistoryReader } from './query/history-reader.ts';
import { retentionLimits } from './retention/config.ts';
import { diskVoice } from './retention/disk-voice.ts';
import { Retention, type DiskReport, type RetentionParts } from './retention/retention.ts';
import { Roller } from './rollup/roller.ts';
import { RollupFiles } from './rollup/rollup-files.ts';
import { Store } from './store.ts';

/** One for whoever asks, one for a long export beside it. */
const QUERIES = 2;

/** Where the built page stands: beside a bundle of this program, else where its own build puts it. */
const BUILT_PAGE = (() => {
  const [bundled = '', built = ''] = ['page', '../../web/dist'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  return existsSync(bundled) ? bundled : built;
})();

/** Keeps what is heard, and gives it back. */
export class StorageService implements Service {
  readonly #context: MonitorContext;
  readonly #config: StorageConfig;
  /** In the order in which they are called. */
  readonly #releases: (() => Promise<void> | void)[] = [];

  constructor(context: MonitorContext, config: StorageConfig) {
    this.#context = context;
    this.#config = config;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { clock, dataDir, health, log, metrics: registry, monitor, random } = this.#context;
    const { memory_mb, page = BUILT_PAGE, spill_mb, threads, tokens } = this.#config;
    const own = resolve(dataDir);
    const history = resolve(this.#config.folder ?? join(dirname(own), 'history'));
    signal.throwIfAborted();
    const metrics = new StorageMetrics(registry, { storage: own, history });
    this.#releases.unshift(() => metrics.remove());
    const engine = await DuckDb.open({
      folders: [own, history],
      spill: join(own, 'spill'),
      memory_bytes: memory_mb * 2 ** 20,
      spill_bytes: spill_mb * 2 ** 20,
      ...{ threads, queries: QUERIES },
    });
    this.#releases.unshift(() => engine.close());
    const backlog = await this.#backlog(own);
    const store = this.#held(
      new Store({
        ...{ folder: own, history, disk: nodeDisk },
        ...(backlog === undefined ? {} : { retire: (kind, path) => backlog.retire(kind, path) }),
        ...{ monitor, engine, clock, random, log, health },
      }),
    );
    await store.start(signal);
    const rollups = await this.#tidy({ folder: own, history, store, lane: engine.store });
    const reader = new HistoryReader({ history: store, rollups, lane: engine.queries, now_ms: () => clock.now_ms() });
    if (backlog !== undefined) this.#export(backlog);
    await this.#held(new QueryDesk({ context: this.#context, history: reader })).start();
    await this.#hear(store, metrics, signal);
    await this.#held(new HttpServer({ context: this.#context, tokens, page, history: reader })).start();
  }

  async stop(): Promise<void> {
    for (const release of this.#releases.splice(0)) await release();
  }

  /** Holds a part, which is stopped with the service, before those that were held earlier. */
  #held<Part extends { stop(): Promise<void> }>(part: Part): Part {
    this.#releases.unshift(() => part.stop());
    return part;
  }

  /** Begins to put days together, and to take away what is too old. */
  async #tidy({
    folder,
    history,
    store,
    lane,
  }: Pick<RetentionParts, 'folder' | 'history' | 'store' | 'lane'>): Promise<RollupFiles> {
    const { clock, health, log, monitor } = this.#context;
    const limits = retentionLimits(this.#config, monitor);
    const common = { disk: nodeDisk, lane, clock, log, health };
    const rollups = new RollupFiles({ ...common, folder: history, monitor });
    await rollups.start();
    const rawDays = limits.days.measurements;
    this.#held(new Roller({ ...common, history: store, files: rollups, rawDays })).start();
    const voice = this.#held(diskVoice(this.#context));
    voice.start();
    const told = (report: DiskReport): void => voice.report(report);
    const retention = new Retention({ ...common, limits, monitor, folder, history, store, rollups, roomOf, told });
    this.#held(retention).start();
    return rollups;
  }

  /** Begins to keep what is heard. */
  async #hear(store: Store, metrics: StorageMetrics, signal: AbortSignal): Promise<void> {
    const { clock, monitor } = this.#context;
    const rows = new Rows({
      ...{ keeper: store, monitor, now_ms: () => clock.now_ms() },
      kept: (kind, count, delay_ms) => {
        metrics.stored(kind, count);
        if (kind === 'ping' || kind === 'snmp') metrics.delayed(delay_ms);
      },
    });
    const { scope } = this.#config;
    const intake = new Intake({ context: this.#context, scope, rows, refused: () => metrics.refused() });
    await this.#held(intake).start(signal);
  }

  /** What waits for the other store, if there is to be one; else what an earlier configuration has left goes. */
  async #backlog(own: string): Promise<Backlog | undefined> {
    const folder = join(own, 'export');
    if (this.#config.export === undefined) {
      await rm(folder, { recursive: true, force: true });
      return undefined;
    }
    const backlog = new Backlog(nodeDisk, new Layout(own), folder);
    await backlog.start();
    return backlog;
  }

  #export(backlog: Backlog): void {
    const { clock, health, log, metrics: registry, monitor, random, site } = this.#context;
    const config = this.#config.export;
    if (config === undefined) return;
    const metrics = new ExportMetrics(registry);
    this.#releases.unshift(() => metrics.remove());
    const exporter = this.#held(
      new Exporter({
        ...{ backlog, destination: new Destination(config), clock, random, log, health, metrics },
        labels: { job: 'guaita', site, ...config.labels },
        whose: config.scope === 'own' ? monitor : undefined,
        max_bytes: config.max_mb * 2 ** 20,
      }),
    );
    exporter.start();
  }
}
