import { execFile, type ExecFileException } from 'node:child_process';

/** Enough for what the programs here say. */
const MAX_OUTPUT_BYTES = 64 << 20;

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** A program that ended with another exit code than 0; the message holds what it said. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/**
 * Runs a program to its end and gives what it wrote to stdout.
 *
 * @throws {ProgramError}
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(
      program,
      args,
      { ...options, maxBuffer: MAX_OUTPUT_BYTES },
      (error: ExecFileException | null, out, err) => {
        if (error === null) resolve(out);
        else
          reject(
            new ProgramError(`${program} ${args.join(' ')} failed (${error.code}):\n${err}${out}`, { cause: error }),
          );
      },
    ),
  );
}
