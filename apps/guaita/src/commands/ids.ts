import { Id } from '@guaita/model';
import { InvalidArgumentError } from 'commander';

/**
 * An id of the command line.
 *
 * @throws {InvalidArgumentError} when it is none; the message says what one is made of.
 */
export function idOf(text: string): Id {
  const id = Id.safeParse(text);
  if (id.success) return id.data;
  throw new InvalidArgumentError(`It ${id.error.issues.map(({ message }) => message).join(', ')}.`);
}

/** One more id of several. */
export function idsOf(text: string, former: readonly Id[] = []): Id[] {
  return [...former, idOf(text)];
}
