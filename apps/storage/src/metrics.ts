import { Counter, Gauge, type Registry } from 'prom-client';
import { folderBytes } from './disk/folder-bytes.ts';
import { kindNames, type KindName } from './kinds/kinds.ts';

/** What the storage service counts, at `/metrics`. */
export class StorageMetrics {
  readonly #registry: Registry;
  readonly #rows: Counter;
  readonly #refused: Counter;
  readonly #delay: Gauge;

  /** @param folders by their names, those of which it is told how large they are, when somebody asks. */
  constructor(registry: Registry, folders: Readonly<Record<string, string>>) {
    const registers = [registry];
    this.#registry = registry;
    this.#rows = new Counter({
      name: 'guaita_storage_rows_total',
      help: 'Rows that were stored, with those that came twice',
      labelNames: ['kind'],
      registers,
    });
    for (const kind of kindNames) this.#rows.inc({ kind }, 0);
    this.#refused = new Counter({
      name: 'guaita_storage_refused_total',
      help: 'Messages that could not be stored when they came, and wait at the broker',
      registers,
    });
    this.#delay = new Gauge({
      name: 'guaita_storage_delay_seconds',
      help: 'How much later than it was made the newest observation was stored, by the clocks of two hosts',
      registers,
    });
    const bytes: Gauge = new Gauge({
      name: 'guaita_storage_bytes',
      help: 'What the files of a folder hold',
      labelNames: ['folder'],
      registers,
      async collect() {
        for (const [name, path] of Object.entries(folders)) bytes.set({ folder: name }, await folderBytes(path));
      },
    });
  }

  stored(kind: KindName, rows: number): void {
    this.#rows.inc({ kind }, rows);
  }

  /** How much later than it was made an observation was stored. */
  delayed(delay_ms: number): void {
    this.#delay.set(delay_ms / 1000);
  }

  refused(): void {
    this.#refused.inc();
  }

  /** Takes them out of the registry, so that a service may be started again in this process. */
  remove(): void {
    for (const name of ['rows_total', 'refused_total', 'delay_seconds', 'bytes']) {
      this.#registry.removeSingleMetric(`guaita_storage_${name}`);
    }
  }
}
