import { userInfo } from 'node:os';
import type { Command } from 'commander';

/** Who gives a command, and why. */
export interface OperatorOptions {
  readonly by?: string;
  readonly why: string;
}

/** Adds the flags that say who gives a command, and why. */
export function addOperatorFlags(command: Command): Command {
  return command
    .requiredOption('--why <TEXT>', 'why, for the others')
    .option('--by <NAME>', 'who (default: the user of this host)');
}

export function operatorOf({ by = userName(), why }: OperatorOptions): { by: string; why: string } {
  return { by, why };
}

/** In a container a user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? ''}`.trim();
  }
}
