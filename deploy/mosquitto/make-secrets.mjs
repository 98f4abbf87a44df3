#!/usr/bin/env node
// Makes a password for each user of the composed Mosquitto, in deploy/secrets/: one file per user, which docker-compose.yml
// hands to that user's container only, and `users` with their hashes for the broker. Passwords that are there are kept.
// Plain JavaScript, so that a host needs nothing installed: docker run --rm -v "$PWD:/w" -w /w node:24-bookworm-slim node deploy/mosquitto/make-secrets.mjs
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The services, and `watch`, a person who reads everything and writes nothing. */
const USERS = ['assign', 'ping', 'snmp', 'alert', 'storage', 'serf-publisher', 'watch'];

/** Mosquitto's own format: $7$ rounds $ salt $ PBKDF2-HMAC-SHA512. The passwords are random, so its default rounds do. */
const ROUNDS = 101;
const SALT_BYTES = 12;
const HASH_BYTES = 64;
const PASSWORD_BYTES = 24;

const folder = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '../secrets');
// Only the owner may enter the folder. The files inside can be read by all, since a container sees its own one under the
// ids of this host.
mkdirSync(folder, { recursive: true, mode: 0o700 });

const lines = USERS.map((user) => {
  const file = join(folder, user);
  if (!existsSync(file)) writeFileSync(file, randomBytes(PASSWORD_BYTES).toString('base64url'), { mode: 0o644 });
  const salt = randomBytes(SALT_BYTES);
  const hash = pbkdf2Sync(readFileSync(file, 'utf8'), salt, ROUNDS, HASH_BYTES, 'sha512');
  return `${user}:$7$${ROUNDS}$${salt.toString('base64')}$${hash.toString('base64')}\n`;
});
writeFileSync(join(folder, 'users'), lines.join(''), { mode: 0o644 });
console.log(`${folder}: ${USERS.join(', ')}`);
