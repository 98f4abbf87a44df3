import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Runs a program to its end. @throws {ProgramError} when it cannot be run, fails, or takes too long. */
export type RunProgram = (args: readonly string[]) => Promise<void>;

/** A program could not be run, failed, or took too long. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/** Where daemons and their tools live; the PATH of a service often leaves these out. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
/** What is shown of what it writes. */
const SHOWN_characters = 300;

/** A program's file, looked for as a shell would; `undefined` when there is none. */
export function findProgram(program: string, path = process.env['PATH'] ?? ''): string | undefined {
  return [...path.split(delimiter), ...SYSTEM_FOLDERS]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

/**
 * A program to be run without a shell: each argument comes there as it is. What it leaves running in the background goes
 * on after it, and also when this process ends.
 */
export function program(file: string, limit_ms: number): RunProgram {
  return (args) =>
    new Promise((resolve, reject) => {
      // What stays in the background would keep a pipe open, or end when it is closed; so there is one for errors only.
      const child = spawn(file, args, { cwd: '/', detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
      let errors = '';
      child.stderr.on('data', (chunk: Buffer) => {
        if (errors.length < SHOWN_characters) errors += chunk.toString();
      });
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        end(`did not end within ${limit_ms / 1000} s`);
      }, limit_ms);
      const end = (failure?: string, cause?: Error): void => {
        clearTimeout(timer);
        child.stderr.destroy();
        if (failure === undefined) resolve();
        else reject(new ProgramError(`${file} ${failure}`, { cause }));
      };
      child.on('error', (error) => end(`cannot be run: ${error.message}`, error));
      child.on('exit', (code, signal) => {
        if (code === 0) return end();
        const words = errors.trim().slice(0, SHOWN_characters);
        end(`ended with ${signal ?? `status ${code}`}${words === '' ? '' : `: ${words}`}`);
      });
    });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
