import type { Id } from '@guaita/model';
import { pause, type Clock, type Health } from '@guaita/service';
import type { Logger } from 'pino';
import { rowOfLine } from '../kinds/csv.ts';
import { kindNames, kinds } from '../kinds/kinds.ts';
import type { Backlog, Chunk } from './backlog.ts';
import type { Destination, Outcome } from './destination.ts';
import type { ExportMetrics } from './export-metrics.ts';
import { encodeWriteRequest } from './remote-write.ts';
import { samplesOf, type Sample } from './samples.ts';

/** How old what is seen elsewhere may be: as often as Prometheus asks its targets at its most usual. */
const EVERY_ms = 15_000;
/** What Prometheus’ own remote write sends at once. */
const BATCH_samples = 2_000;
/** A store that refuses a batch is asked about its halves, and theirs, so that one bad sample takes no others along. */
const SPLITS = 64;
const RETRY_FIRST_ms = 1_000;
const RETRY_MOST_ms = 60_000;

/** What an exporter is made of. */
export interface ExporterParts {
  readonly backlog: Backlog;
  readonly destination: Pick<Destination, 'post'>;
  /** Of every series. */
  readonly labels: Readonly<Record<string, string>>;
  /** The monitor whose rows are given alone: what it saw, and what its storage heard of verdicts and alerts. Default: all. */
  readonly whose?: Id | undefined;
  readonly max_bytes: number;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly health: Health;
  readonly metrics: ExportMetrics;
  /** How often it is looked for new rows. */
  readonly every_ms?: number;
}

/** Gives what the journal holds to another store, in order, and waits while that is away. */
export class Exporter {
  readonly #parts: ExporterParts;
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;

  constructor(parts: ExporterParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Leaves off; what was being sent is sent again after the next start. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error('the export is being stopped'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        for (const kind of kindNames) {
          for (let chunk = await this.#next(kind); chunk !== undefined; chunk = await this.#next(kind)) {
            await this.#export(chunk);
          }
        }
      } catch (error) {
        if (!signal.aborted) this.#parts.log.error({ err: error }, 'the export failed; it is tried again');
      }
      await pause(this.#parts.clock, this.#parts.every_ms ?? EVERY_ms, signal);
    }
  }

  async #next(kind: Chunk['kind']): Promise<Chunk | undefined> {
    this.#abort.signal.throwIfAborted();
    const { backlog, metrics } = this.#parts;
    metrics.waiting(await backlog.waiting_bytes());
    return backlog.next(kind);
  }

  async #export(chunk: Chunk): Promise<void> {
    const kind = kinds[chunk.kind];
    const { whose } = this.#parts;
    const column = kind.columns.findIndex(({ name }) => name === 'monitor');
    const rows = chunk.lines.map((line) => rowOfLine(kind, line));
    const own = whose === undefined ? rows : rows.filter((row) => row[column] === whose);
    const samples = own.flatMap((row) => samplesOf(kind, row));
    for (let from = 0; from < samples.length; from += BATCH_samples) {
      await this.#send(samples.slice(from, from + BATCH_samples));
    }
    await this.#parts.backlog.done(chunk);
  }

  /** Sends samples; what is refused is left out. */
  async #send(samples: readonly Sample[]): Promise<void> {
    const { log, metrics } = this.#parts;
    const open = [samples];
    let splits = 0;
    let refused = 0;
    let reason = '';
    for (let batch = open.shift(); batch !== undefined; batch = open.shift()) {
      const outcome = await this.#post(batch);
      if (outcome.kind === 'taken') {
        metrics.taken(batch.length);
      } else if (batch.length > 1 && splits < SPLITS) {
        splits += 1;
        const half = batch.length >>> 1;
        // In their order: a later sample that is taken makes some stores refuse an earlier one.
        open.unshift(batch.slice(0, half), batch.slice(half));
      } else {
        refused += batch.length;
        reason = outcome.reason;
      }
    }
    if (refused === 0) return;
    metrics.refused(refused);
    log.warn(
      { samples: refused, of: samples.length, reason },
      'the store of the export refuses samples: they are left out',
    );
  }

  /** Tries until the store has said that it takes them, or that it never will. */
  async #post(samples: readonly Sample[]): Promise<Exclude<Outcome, { kind: 'later' }>> {
    const { clock, destination, health, labels, random } = this.#parts;
    const body = encodeWriteRequest(samples, labels);
    for (let wait_ms = RETRY_FIRST_ms; ; wait_ms = Math.min(wait_ms * 2, RETRY_MOST_ms)) {
      const outcome = await destination.post(body, this.#abort.signal);
      if (outcome.kind !== 'later') {
        health.report('export', true);
        return outcome;
      }
      const wait = 'samples wait on this disk';
      const mend = '; look at storage.export: url and credentials';
      health.report('export', !outcome.isSetUpWrong, `${outcome.reason}: ${wait}${outcome.isSetUpWrong ? mend : ''}`);
      await this.#bound();
      // Half of it by chance, so that all who wait for a store do not come at once.
      await pause(clock, Math.max(outcome.after_ms ?? 0, wait_ms * (0.5 + random() / 2)), this.#abort.signal);
      this.#abort.signal.throwIfAborted();
    }
  }

  /** Keeps what waits within its bound. */
  async #bound(): Promise<void> {
    const { backlog, log, max_bytes, metrics } = this.#parts;
    const rows = await backlog.giveUp(max_bytes);
    metrics.waiting(await backlog.waiting_bytes());
    if (rows === 0) return;
    metrics.gaveUp(rows);
    log.warn({ rows, max_bytes }, 'too much waits for the store of the export: the oldest rows are not exported');
  }
}
