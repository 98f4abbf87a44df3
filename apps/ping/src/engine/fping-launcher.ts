import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LineSplitter } from '../fping-output.ts';

const READ_BYTES = 65_536;
const buffer = Buffer.allocUnsafe(READ_BYTES);

/**
 * Runs the program ($0) once for each line of its input, which has the arguments, and answers with its exit status. The
 * files are its own descriptors 3 to 5, opened anew for each run so that reading and writing begin at the start.
 *
 * It and the program pass over the signals by which a service manager asks all processes to end: they end with us.
 */
const SCRIPT = `set -f
trap '' INT TERM
while read -r arguments; do
  "$0" $arguments </proc/self/fd/3 >/proc/self/fd/4 2>/proc/self/fd/5 3>&- 4>&- 5>&-
  echo $?
done`;

/** One run of the program. */
export interface Run {
  /** Words without spaces: they are split by a shell. */
  readonly args: readonly string[];
  /** Given to its standard input. */
  readonly input: string;
  /** It may write no more than this to each stream. */
  readonly maxBytes: number;
  /** A line of either stream. */
  readonly onLine: (line: string) => void;
  /** It has ended, all its lines were given. `problem` says what was wrong, if it did not end by itself. */
  readonly onEnd: (end: { readonly code: number; readonly problem: string | undefined }) => void;
}

/** An output stream: a file that is read from time to time. */
class Output {
  readonly fd: number;
  #lines = new LineSplitter();
  #position = 0;

  constructor(fd: number) {
    this.fd = fd;
  }

  rewind(): void {
    ftruncateSync(this.fd);
    this.#lines = new LineSplitter();
    this.#position = 0;
  }

  /** @returns whether there is more than may be. */
  read(maxBytes: number, onLine: (line: string) => void): boolean {
    const { size } = fstatSync(this.fd);
    while (this.#position < Math.min(size, maxBytes)) {
      const bytes = readSync(this.fd, buffer, 0, READ_BYTES, this.#position);
      if (bytes === 0) break;
      this.#position += bytes;
      for (const line of this.#lines.push(buffer.toString('latin1', 0, bytes))) onLine(line);
    }
    return size > maxBytes;
  }
}

/**
 * Runs one program again and again, one run at a time, through a small shell that stays. To start it ourselves, the
 * kernel would copy the page tables of this process each time, which at a hundred megabytes costs more CPU than all the
 * rest of a batch. Input and output are files in memory instead of pipes, since fping writes every line by itself, and
 * a pipe would wake this process for each.
 */
export class FpingLauncher {
  readonly #command: string;
  readonly #folder: string;
  readonly #outputs: Output[] = [];
  #input = -1;
  #shell: ChildProcess | undefined;
  #run: Run | undefined;
  #problem: string | undefined;

  /** @param folder where its files are made, best in memory; they are unlinked at once. */
  constructor(command: string, folder: string) {
    this.#command = command;
    this.#folder = folder;
  }

  /** It has its shell and takes runs. */
  get usable(): boolean {
    return this.#shell !== undefined && this.#problem === undefined;
  }

  /** @throws {Error} when there are no files or no processes to be had. */
  start(): void {
    try {
      this.#input = openUnlinked(this.#folder);
      for (let stream = 0; stream < 2; stream += 1) this.#outputs.push(new Output(openUnlinked(this.#folder)));
      const files = this.#outputs.map(({ fd }) => fd);
      const shell = spawn('/bin/sh', ['-c', SCRIPT, this.#command], {
        stdio: ['pipe', 'pipe', 'ignore', this.#input, ...files],
        // English messages, whatever this host speaks: they are parsed.
        env: { PATH: process.env['PATH'], LC_ALL: 'C' },
        // A group of its own, so that it can be killed with what it runs, and Ctrl-C in a terminal does not reach it.
        detached: true,
      });
      this.#shell = shell;
      shell.stdout!.setEncoding('latin1').on('data', (status: string) => this.#end(Number(status), undefined));
      // A shell that is gone is noticed by its exit.
      shell.stdin!.on('error', () => undefined);
      shell.once('error', (error) => this.#gone(`the shell cannot be started: ${error.message}`));
      shell.once('exit', (code, signal) => this.#gone(`the shell ended (${signal ?? code})`));
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  /** Only when `usable`, and one at a time. */
  run(run: Run): void {
    this.#run = run;
    ftruncateSync(this.#input);
    writeSync(this.#input, run.input, 0);
    for (const output of this.#outputs) output.rewind();
    this.#shell?.stdin?.write(`${run.args.join(' ')}\n`);
  }

  /** Gives the lines that were completed since the last time. */
  read(): void {
    const run = this.#run;
    if (run === undefined) return;
    for (const output of this.#outputs) {
      if (output.read(run.maxBytes, run.onLine)) this.kill(`${this.#command} writes without end`);
    }
  }

  /** Ends what runs by force, and the shell with it; `onEnd` is called with this problem. */
  kill(problem: string): void {
    this.#problem ??= problem;
    const pid = this.#shell?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The group is gone already: its exit is on the way.
    }
  }

  /** Lets the shell go. What still runs is killed. */
  stop(): void {
    if (this.#run !== undefined) this.kill('the ping service is stopping');
    else this.#shell?.stdin?.end();
  }

  #end(status: number, problem: string | undefined): void {
    this.read();
    const run = this.#run;
    this.#run = undefined;
    if (run === undefined) return;
    // The shell tells a signal as 128 and its number (POSIX 2.8.2).
    const signal = status > 128 ? `${this.#command} was ended by signal ${status - 128}` : undefined;
    run.onEnd({ code: status, problem: this.#problem ?? problem ?? signal });
  }

  #gone(problem: string): void {
    if (this.#shell === undefined) return;
    this.#shell = undefined;
    this.#end(-1, problem);
    this.#close();
  }

  #close(): void {
    if (this.#input !== -1) closeSync(this.#input);
    this.#input = -1;
    for (const { fd } of this.#outputs.splice(0)) closeSync(fd);
  }
}

/** A new file without a name. */
function openUnlinked(folder: string): number {
  const path = join(folder, `guaita-${randomUUID()}`);
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return fd;
}
