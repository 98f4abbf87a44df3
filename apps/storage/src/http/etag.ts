import { createHash } from 'node:crypto';

/** 132 bits of a hash: two bodies never have the same. */
const ETAG_characters = 22;

/** A strong validator (RFC 9110 §8.8.3): the same for the same bytes. */
export function etagOf(body: string | Buffer): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, ETAG_characters)}"`;
}

/** Whether whoever asks has it already, as `If-None-Match` says (RFC 9110 §13.1.2, by weak comparison). */
export function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((each) => ['*', etag, `W/${etag}`].includes(each.trim()));
}
