import { Option, type Command } from 'commander';
import type { Output } from '../../output.ts';

/** Makes an action of work that gives an exit code; what a person can mend is told, and is code 1. */
export type Guarded = <Given extends readonly unknown[]>(
  work: (...given: Given) => Promise<number>,
) => (...given: Given) => Promise<void>;

/** Adds one subcommand of `guaita deploy`. */
export type AddSubcommand = (deploy: Command, output: Output, guarded: Guarded) => void;

/** Where a deployment is unless somebody says so: in a clone, beside its stack. */
export const FOLDER = new Option('--folder <DIR>', 'the folder of the deployment').default('deploy');
