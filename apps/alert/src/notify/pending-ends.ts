import { join } from 'node:path';
import { Sent } from '@guaita/messages';
import { KeptFile, type MonitorContext, type Timer } from '@guaita/service';
import { z } from 'zod';

/** What is told sooner than this is never written: nearly all is. */
const PENDING_FOR_ms = 1_000;
/** An end that was told meanwhile does no harm in the file: what was sent is known of it otherwise. */
const FEWER_EVERY_ms = 60_000;
/** Half a megabyte. Of more at the same time the oldest are told in general words after a restart. */
const MOST = 1_000;

const Kept = z.object({ ends: z.array(Sent).max(MOST) });

/**
 * Keeps on disk which ends receivers have yet to be told: no broker keeps how an alert ended. What is to be told of an
 * alert that is open follows from what brokers keep.
 */
export class PendingEnds {
  readonly #context: Pick<MonitorContext, 'clock' | 'health' | 'log'>;
  readonly #file: KeptFile<typeof Kept>;
  readonly #pending: () => Sent[];
  #written: readonly Sent[] = [];
  #written_ms = -Infinity;
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param pending those that are pending now, the oldest first. */
  constructor({ clock, dataDir, health, log }: MonitorContext, pending: () => Sent[]) {
    this.#context = { clock, health, log };
    this.#file = new KeptFile(join(dataDir, 'pending-ends.json'), Kept, log);
    this.#pending = pending;
  }

  /** What was pending when the former run was over. */
  async read(): Promise<readonly Sent[]> {
    this.#written = (await this.#file.read())?.ends ?? [];
    return this.#written;
  }

  /** Something may be pending that was not, or no longer. */
  changed(): void {
    this.#timer ??= this.#context.clock.after(PENDING_FOR_ms, () => this.#look());
  }

  /** Resolves when what is pending is on disk. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#writing;
    await this.#write(this.#pending().slice(-MOST));
  }

  #look(): void {
    const { clock } = this.#context;
    this.#timer = undefined;
    const ends = this.#pending().slice(-MOST);
    const known = new Set(this.#written.map(({ alert }) => alert.id));
    const wait_ms = this.#written_ms + FEWER_EVERY_ms - clock.monotonic_ms();
    if (wait_ms > 0 && ends.every(({ alert }) => known.has(alert.id))) {
      this.#timer = clock.after(wait_ms, () => this.#look());
      return;
    }
    this.#writing = this.#writing.then(() => this.#write(ends));
  }

  async #write(ends: readonly Sent[]): Promise<void> {
    if (JSON.stringify(ends) === JSON.stringify(this.#written)) return;
    const { clock, health, log } = this.#context;
    this.#written = ends;
    this.#written_ms = clock.monotonic_ms();
    try {
      await this.#file.write({ ends: [...ends] });
      health.report('pending notifications', true);
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      const trouble = `cannot be kept on disk: ${cause}; after a restart, ends that are not told yet are told late`;
      log.warn({ err: error }, `pending notifications ${trouble}`);
      // They are told all the same, and a restart would mend nothing.
      health.report('pending notifications', true, trouble);
    }
  }
}
