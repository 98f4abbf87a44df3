import { userInfo } from 'node:os';
import { Cause, Operator } from '@guaita/model';
import { InvalidArgumentError, type Command } from 'commander';
import type { z } from 'zod';

/** Who gives a command, and why. */
export interface OperatorOptions {
  readonly by?: string;
  readonly why: string;
}

/** Adds the flags that say who gives a command, and why. */
export function addOperatorFlags(command: Command): Command {
  return command
    .requiredOption('--why <TEXT>', 'why, for the others', fitting(Cause))
    .option('--by <NAME>', 'who (default: the user of this host)', fitting(Operator));
}

/** Says of a text that no monitor would take what fits there. */
function fitting(schema: z.ZodString): (text: string) => string {
  return (text) => {
    if (schema.safeParse(text).success) return text;
    throw new InvalidArgumentError(`Give 1 to ${schema.maxLength} characters.`);
  };
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
