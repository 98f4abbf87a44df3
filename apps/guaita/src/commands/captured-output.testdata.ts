import { Writable } from 'node:stream';
import { Output } from '../output.ts';
import { runProgram } from '../program.ts';

/** Runs a command line in this process. @returns its exit code and what it printed. */
export async function guaita(...args: readonly string[]): Promise<{ readonly code: number; readonly printed: string }> {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk.toString());
      done();
    },
  });
  const code = await runProgram(args, new Output(stream));
  return { code, printed: chunks.join('') };
}
