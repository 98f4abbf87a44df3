import type { Namespace } from '@guaita/lab';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { bundledGuaita } from './bundled.ts';

/** One line of `--json` output: an event of the live view. */
export type Event = Readonly<Record<string, unknown>>;

/** The command line's own file. */
export const MAIN = await bundledGuaita();
/** A shared machine may be slow; nothing here is measured. */
const PATIENCE_MS = 120_000;

/** Flags as a command line has them. */
export function flagged(flags: Readonly<Record<string, string>>): string[] {
  return Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
}

/** The command line as a user starts it, inside a namespace, with all that it says. */
export class GuaitaProcess {
  readonly events: Event[] = [];
  /** Lines on standard output that are no JSON. */
  readonly lines: string[] = [];
  #errors = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #waiting = new Set<() => void>();

  /** @param path a folder whose programs are taken before those of this machine. */
  constructor(namespace: Pick<Namespace, 'spawn'>, args: readonly string[], cwd: string, path?: string) {
    // A cwd of its own: no guaita.yaml of this machine is read.
    const env = {
      ...process.env,
      TZ: 'UTC',
      NO_COLOR: '1',
      PATH: [path, process.env['PATH']].filter(Boolean).join(':'),
    };
    this.#child = namespace.spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd, env });
    this.#closed = once(this.#child, 'close');
    const output = createInterface({ input: this.#child.stdout! });
    output.on('line', (line) => {
      if (line.startsWith('{')) this.events.push(JSON.parse(line) as Event);
      else this.lines.push(line);
      this.#changed();
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
      this.#changed();
    });
    this.#child.once('exit', () => this.#changed());
  }

  /** Starts `guaita up` with these flags; `path` as above. */
  static up(
    namespace: Pick<Namespace, 'spawn'>,
    flags: Readonly<Record<string, string>>,
    cwd: string,
    path?: string,
  ): GuaitaProcess {
    return new GuaitaProcess(namespace, ['up', ...flagged(flags), '--json'], cwd, path);
  }

  /** What it wrote to standard error. */
  get errors(): string {
    return this.#errors;
  }

  /** Waits for an event that has all the given fields; events before `from` do not count. */
  event(fields: Event, from = 0): Promise<Event> {
    const entries = Object.entries(fields);
    const find = (): Event | undefined =>
      this.events.slice(from).find((event) => entries.every(([key, value]) => event[key] === value));
    return this.until(find, `an event ${JSON.stringify(fields)}`);
  }

  /** Waits until something is there. */
  async until<Value>(find: () => Value | undefined, what: string): Promise<Value> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const left_ms = deadline - performance.now();
      if (left_ms <= 0 || this.#child.exitCode !== null) {
        const said = [...this.lines, ...this.events.map((event) => JSON.stringify(event))].join('\n');
        throw new Error(`${what} did not come; exit code ${this.#child.exitCode}; it said:\n${said}\n${this.#errors}`);
      }
      await this.#nextChange(left_ms);
    }
  }

  /** Asks it to stop, as Ctrl-C does. @returns its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.#child.kill(signal);
    return this.ended();
  }

  /** It stands still, all of it, as it does when its host does; `thaw` lets it go on. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** Waits for it to end by itself and for all that it said. @returns its exit code. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }

  #changed(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #nextChange(limit_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limit_ms);
      this.#waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
