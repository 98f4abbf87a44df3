import { TooLargeError } from './errors.ts';

/** What is to become of an agent's tags; those that are not named stay as they are. */
export interface TagChange {
  readonly set?: Readonly<Record<string, string>>;
  readonly delete?: readonly string[];
}

/** All tags of a member go in one packet of the gossip, and Serf takes no more for them (`memberlist.MetaMaxSize`). */
export const TAGS_LIMIT_bytes = 512;

/** The tags after a change. As the agent does it, what is both deleted and set is set. */
export function changedTags(
  tags: ReadonlyMap<string, string>,
  { set = {}, delete: gone = [] }: TagChange,
): ReadonlyMap<string, string> {
  const after = new Map(tags);
  for (const name of gone) after.delete(name);
  for (const [name, value] of Object.entries(set)) after.set(name, value);
  return after;
}

/** The error for tags that are not sent, since the agent would refuse them. */
export function tooManyTags(bytes: number): TooLargeError {
  const reason = `Encoded length of tags exceeds limit of ${TAGS_LIMIT_bytes} bytes`;
  const message =
    `tags: all of them would take ${bytes} bytes together, and Serf has room for ${TAGS_LIMIT_bytes}: ` +
    'shorten them, or delete others';
  return new TooLargeError('tags', reason, TAGS_LIMIT_bytes, message);
}

export function sameTags(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);
}

/**
 * How many of the bytes for tags these take: a byte that says that tags follow, and their MessagePack as Serf writes it
 * between agents, in the older form that has no short header for texts of 32 to 255 bytes (`encodeTags` of serf.go).
 */
export function encodedTags_bytes(tags: Iterable<readonly [string, string]>): number {
  let count = 0;
  let bytes = 0;
  for (const [name, value] of tags) {
    count += 1;
    bytes += text_bytes(name) + text_bytes(value);
  }
  return 1 + (count < 16 ? 1 : 3) + bytes;
}

function text_bytes(text: string): number {
  const bytes = new TextEncoder().encode(text).length;
  return bytes + (bytes < 32 ? 1 : bytes < 65_536 ? 3 : 5);
}
