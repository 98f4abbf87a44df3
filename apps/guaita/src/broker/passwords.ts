import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** OWASP's least for scrypt where memory is short (2^15, 8, 3 uses 32 MB once): a Raspberry Pi must bear it too. */
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 2 ** 20 };

const SALT_bytes = 16;
const KEY_bytes = 32;

const FORMAT = /^scrypt\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/;

/** Makes what a broker keeps of a password: `scrypt$<salt>$<key>`. The password cannot be had back from it. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_bytes);
  const key = await derive(password, salt, KEY_bytes, COST);
  return `scrypt$${salt.toString('base64')}$${key.toString('base64')}`;
}

/** Tells whether `text` was made by `hashPassword`. */
export function isPasswordHash(text: string): boolean {
  return FORMAT.test(text);
}

/** Compares in a time that does not tell how much of the password is right. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [, salt = '', key = ''] = FORMAT.exec(hash) ?? [];
  const expected = Buffer.from(key, 'base64');
  const derived = await derive(password, Buffer.from(salt, 'base64'), KEY_bytes, COST);
  return expected.length === derived.length && timingSafeEqual(expected, derived);
}
