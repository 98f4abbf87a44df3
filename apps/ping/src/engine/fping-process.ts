import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LineSplitter } from '../fping-output.ts';

const READ_BYTES = 65_536;
const buffer = Buffer.allocUnsafe(READ_BYTES);

/** One output stream of a process, kept in an unlinked file that is read from time to time. */
class Output {
  readonly fd: number;
  readonly #lines = new LineSplitter();
  #position = 0;

  constructor(fd: number) {
    this.fd = fd;
  }

  read(onLine: (line: string) => void, until: number): void {
    while (this.#position < until) {
      const bytes = readSync(this.fd, buffer, 0, READ_BYTES, this.#position);
      if (bytes === 0) return;
      this.#position += bytes;
      for (const line of this.#lines.push(buffer.toString('latin1', 0, bytes))) onLine(line);
    }
  }
}

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Given to its standard input. */
  readonly input: string;
  /** Where its files are made, best in memory; they are unlinked at once. */
  readonly folder: string;
  /** It may write no more than this to each stream. */
  readonly maxBytes: number;
  /** A line of either stream. */
  readonly onLine: (line: string) => void;
  /** The process is gone (or never came), all its lines were given. `problem` says what was wrong, if anything was. */
  readonly onEnd: (end: { readonly code: number | null; readonly problem: string | undefined }) => void;
}

/**
 * A process that reads from a file and writes to files in memory, instead of through pipes: fping writes each line by
 * itself, and a pipe would wake this process for each, which costs four times as much as the rest of our work. What it
 * has written is read whenever `read` is called, and once more at its end.
 */
export class FileProcess {
  readonly #options: ProcessOptions;
  #child: ChildProcess | undefined;
  readonly #outputs: Output[] = [];
  #problem: string | undefined;
  #ended = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  start(): void {
    const { command, args, input, folder } = this.#options;
    let stdin: number | undefined;
    try {
      stdin = openUnlinked(folder);
      // At a position of its own: the file's offset is shared with the process, which is to start at the beginning.
      writeSync(stdin, input, 0);
      const stdout = new Output(openUnlinked(folder));
      this.#outputs.push(stdout);
      const stderr = new Output(openUnlinked(folder));
      this.#outputs.push(stderr);
      // English messages, whatever this host speaks: they are parsed.
      const env = { PATH: process.env['PATH'], LC_ALL: 'C' };
      this.#child = spawn(command, args, { stdio: [stdin, stdout.fd, stderr.fd], env });
      this.#child.once('error', (error) => this.#end(null, `${command} cannot be started: ${error.message}`));
      this.#child.once('exit', (code, signal) => {
        this.#end(code, signal === null ? undefined : `${command} was ended by ${signal}`);
      });
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      queueMicrotask(() => this.#end(null, `${command} cannot be started: ${cause}`));
    } finally {
      if (stdin !== undefined) closeSync(stdin);
    }
  }

  /** Gives the lines that were completed since the last time. */
  read(): void {
    if (this.#ended) return;
    for (const output of this.#outputs) {
      const { size } = fstatSync(output.fd);
      output.read(this.#options.onLine, Math.min(size, this.#options.maxBytes));
      if (size > this.#options.maxBytes) this.kill(`${this.#options.command} writes without end`);
    }
  }

  /** Ends it by force; `onEnd` is called with this problem. */
  kill(problem: string): void {
    this.#problem ??= problem;
    this.#child?.kill('SIGKILL');
  }

  #end(code: number | null, problem: string | undefined): void {
    if (this.#ended) return;
    this.read();
    this.#ended = true;
    for (const { fd } of this.#outputs) closeSync(fd);
    this.#options.onEnd({ code, problem: this.#problem ?? problem });
  }
}

/** A new file without a name. */
function openUnlinked(folder: string): number {
  const path = join(folder, 'stream');
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return fd;
}
