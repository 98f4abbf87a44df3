import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { end, tied } from '@guaita/lab';

const MAIN = fileURLToPath(new URL('../../../apps/guaita/src/main.ts', import.meta.url));

/** `guaita up`, as a user starts it beside a broker of its own. */
export class MonitorProcess {
  readonly #args: readonly string[];
  readonly #folder: string;
  #child: ChildProcess | undefined;

  /**
   * @param args of `guaita up`.
   * @param folder where it runs: no `guaita.yaml` of elsewhere is read. Its log is there too.
   */
  constructor(args: readonly string[], folder: string) {
    this.#args = args;
    this.#folder = folder;
  }

  /** @throws when it has never run. */
  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('the monitor does not run');
    return this.#child.pid;
  }

  /** Whether it ended by itself. */
  get hasFailed(): boolean {
    return this.#child !== undefined && this.#child.exitCode !== null;
  }

  /** What it wrote to its log. */
  get log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  start(): void {
    const log = openSync(this.#logFile, 'a');
    const env = { ...process.env, TZ: 'UTC', NO_COLOR: '1' };
    const options: SpawnOptions = { stdio: ['ignore', 'ignore', log], cwd: this.#folder, env };
    this.#child = tied(spawn(process.execPath, [MAIN, 'up', ...this.#args], options));
    closeSync(log);
  }

  /** Sends a signal and waits for its end. @returns the exit code; null when a signal ended it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    await end(child, signal);
    return child?.exitCode ?? null;
  }

  get #logFile(): string {
    return join(this.#folder, 'stderr.txt');
  }
}
