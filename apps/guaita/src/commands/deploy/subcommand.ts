import { InvalidArgumentError, Option, type Command } from 'commander';
import { setTimeout as pause } from 'node:timers/promises';
import type { Patience } from '../../deploy/rollout.ts';
import type { Output } from '../../output.ts';

/** Makes an action of work that gives an exit code; what a person can mend is told, and is code 1. */
export type Guarded = <Given extends readonly unknown[]>(
  work: (...given: Given) => Promise<number>,
) => (...given: Given) => Promise<void>;

/** Adds one subcommand of `guaita deploy`. */
export type AddSubcommand = (deploy: Command, output: Output, guarded: Guarded) => void;

/** What every subcommand is told. */
export interface DeployFlags {
  readonly folder: string;
  readonly stack: string;
}

/** Where a deployment is unless somebody says so: in a clone, beside its stack. */
export const FOLDER = new Option('--folder <DIR>', 'the folder of the deployment').default('deploy');

/** A name of a stack, as Docker takes it. */
export const STACK = new Option('--stack <NAME>', 'what the stack is called in the Swarm')
  .default('guaita')
  .argParser((text) => {
    if (/^[a-z0-9][a-z0-9_-]{0,30}$/.test(text)) return text;
    throw new InvalidArgumentError('Give a name like guaita: a-z, 0-9, "_", "-".');
  });

/** How long to wait; pulling images onto a Pi takes minutes. */
export const TIMEOUT = new Option('--timeout <SECONDS>', 'how long to wait until all is well')
  .default(900)
  .argParser((text) => {
    const seconds = Number(text);
    if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400) return seconds;
    throw new InvalidArgumentError('Give whole seconds, 1 to 86400.');
  });

/** Waits by this host's clock, and tells by the output. */
export function patienceOf(timeout_s: number, output: Output): Patience {
  return {
    now: () => performance.now(),
    sleep: (ms) => pause(ms),
    tell: (line) => output.print(line),
    limit_ms: timeout_s * 1000,
  };
}
