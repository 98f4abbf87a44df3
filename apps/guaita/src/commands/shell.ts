import type { Output } from '../output.ts';

/** What a command is given of the process that it runs in. */
export interface Shell {
  readonly output: Output;
  /** Notes the exit code. */
  readonly exit: (code: number) => void;
}
