import { z } from 'zod';

/**
 * An id is one MQTT topic level: no `/`, `+`, `#`, `$`, white space or control character can be in it, so an id can
 * never add a level or a wildcard to a topic. 63 characters, as a DNS label (RFC 1035 §2.3.4).
 */
const ID_PATTERN = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** The longest id, in characters. */
export const ID_MAX_LENGTH = 63;

/** Schema of an id: `[a-z0-9][a-z0-9._-]{0,62}`. */
export const Id = z.string().regex(ID_PATTERN, 'must be an id: a-z, 0-9, ".", "_" or "-", at most 63 characters');
export type Id = z.infer<typeof Id>;

/** Tells whether `text` is an id as it stands. */
export function isId(text: string): boolean {
  return ID_PATTERN.test(text);
}

/**
 * Makes an id of a host name or a foreign name: lower case, accents taken off, every run of other characters one `-`,
 * cut at 63 characters. Ids stay as they are. Different names may make one id: whoever gives ids to many things refuses
 * that where both stand (the inventory names file and line), so that nothing silently takes another's place.
 *
 * @returns the id, or `undefined` when nothing of the name can stand in an id (`"¿?"`).
 */
export function normaliseId(name: string): Id | undefined {
  if (isId(name)) return name;
  const id = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, ID_MAX_LENGTH)
    .replace(/[-]+$/, '');
  return id === '' ? undefined : id;
}
