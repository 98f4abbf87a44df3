import { pbkdf2Sync, timingSafeEqual } from 'node:crypto';

/** Mosquitto's own format: $7$ rounds $ salt $ PBKDF2-HMAC-SHA512. The passwords are random, so its default rounds do. */
const ROUNDS = 101;
export const SALT_BYTES = 12;
const HASH_BYTES = 64;
const LINE = /^([^:\s]+):\$7\$(\d{1,7})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/;

/** A line of Mosquitto's password file. */
export function passwordLine(user: string, password: string, salt: Buffer): string {
  const hash = pbkdf2Sync(password, salt, ROUNDS, HASH_BYTES, 'sha512');
  return `${user}:$7$${ROUNDS}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** The lines of a password file by user; what is no such line is left out. */
export function passwordLines(text: string): Map<string, string> {
  return new Map(text.split('\n').flatMap((line) => (LINE.test(line) ? [[line.split(':')[0] ?? '', line]] : [])));
}

/** Tells whether a line of a password file is of this user and password. */
export function isPasswordLine(line: string, user: string, password: string): boolean {
  const [, name, rounds, salt = '', hash = ''] = LINE.exec(line) ?? [];
  if (name !== user || Number(rounds) < 1) return false;
  const known = Buffer.from(hash, 'base64');
  const found = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), HASH_BYTES, 'sha512');
  return known.length === found.length && timingSafeEqual(known, found);
}
