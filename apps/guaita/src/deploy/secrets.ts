import {
  HostCertificates,
  OPERATOR,
  PeerPasswords,
  peerUser,
  READER,
  SERVICES,
  siteHost,
  type Site,
} from '@guaita/site';
import type { z } from 'zod';
import { isPasswordLine, passwordLine, passwordLines, SALT_BYTES } from './broker-passwords.ts';
import { belongTogether, daysLeft, whyRenew } from './certificate-state.ts';
import {
  makeAuthority,
  makeHostCertificate,
  type Certified,
  type HostNames,
  type RandomBytes,
} from './certificates.ts';

/** Whose passwords stand in files of their own: the services, and people and programs outside. */
export const USERS = [...SERVICES, READER, OPERATOR] as const;

/** Where what is made stands, from the folder of the deployment. */
export const FILES = {
  authority: 'ca.pem',
  authorityKey: 'secrets/ca.key',
  users: 'secrets/users',
  peers: 'secrets/peers.json',
  certificates: 'secrets/tls.json',
  vrrp: 'secrets/vrrp',
} as const;

/** Where the password of a user stands. */
export function passwordFile(user: string): string {
  return `secrets/${user}`;
}

/** Files by their path from the folder of the deployment. */
export type Files = ReadonlyMap<string, string>;

/** What stands in the folder does not fit together. */
export class SecretsError extends Error {
  override readonly name = 'SecretsError';
}

/** What is to be written, and what is to be said of it. */
export interface SecretsPlan {
  readonly files: Files;
  /** A line for each thing made, renewed or taken away. */
  readonly said: readonly string[];
}

const PASSWORD_BYTES = 24;
/** VRRP takes 8 characters at most, in the clear (RFC 2338 §5.3.6): it keeps out mistakes, not people. */
const VRRP_CHARACTERS = 8;
/** A new authority has to be brought to all who know the old one, so it is said in time. */
const AUTHORITY_WARNING_DAYS = 365;

/**
 * Says which secrets and certificates a site lacks, and makes them; what is there and serves is kept as it is, so that
 * it may be asked as often as one likes.
 *
 * @param found what is there.
 * @throws {SecretsError} when what is there does not fit together, or is torn.
 */
export function planSecrets(found: Files, site: Site, now_ms: number, random: RandomBytes): SecretsPlan {
  const said: string[] = [];
  const files = new Map<string, string>();
  const keepOrMake = (file: string, what: string, make: () => string): string => {
    const kept = found.get(file)?.trim();
    if (kept !== undefined && kept !== '') return kept;
    const made = make();
    files.set(file, made);
    said.push(`made   ${file}: ${what}`);
    return made;
  };
  const password = (): string => random(PASSWORD_BYTES).toString('base64url');

  const users = new Map<string, string>();
  for (const user of USERS) {
    users.set(user, keepOrMake(passwordFile(user), `the password of the broker’s user ${user}`, password));
  }
  const peers = planPeers(found, site, password, said);
  putJson(found, files, FILES.peers, peers);
  for (const host of site.hosts) users.set(peerUser(host.id), peers[host.id] ?? '');
  put(found, files, FILES.users, usersText(found.get(FILES.users) ?? '', users, random));

  const authority = planAuthority(found, files, site, now_ms, random, said);
  putJson(found, files, FILES.certificates, planCertificates(found, site, authority, now_ms, random, said));
  keepOrMake(FILES.vrrp, 'the password of VRRP', () => vrrpPassword(random));
  return { files, said };
}

/** What the certificate of a host's broker has to be good for: its own name and address, and the floating IP. */
export function namesOf(site: Site, name: string): HostNames {
  const host = siteHost(site, name);
  const floating = site.floating_ip === undefined ? [] : [site.floating_ip.address];
  return { names: [host.name, host.id], addresses: [host.address, ...floating] };
}

/** Reads a file of secrets by host. @throws {SecretsError} when it is torn. */
export function readPeers(found: Files): Record<string, string> {
  return readJson(found, FILES.peers, PeerPasswords) ?? {};
}

/** Reads the certificates by host. @throws {SecretsError} when the file is torn. */
export function readCertificates(found: Files): Record<string, Certified> {
  return readJson(found, FILES.certificates, HostCertificates) ?? {};
}

function planPeers(found: Files, site: Site, password: () => string, said: string[]): Record<string, string> {
  const known = readPeers(found);
  for (const id of Object.keys(known).filter((each) => !site.hosts.some((host) => host.id === each))) {
    said.push(`took away the password of ${peerUser(id)}: site.yaml has no such host`);
  }
  return Object.fromEntries(
    site.hosts.map(({ id }) => {
      const kept = Object.hasOwn(known, id) ? known[id] : undefined;
      if (kept === undefined) said.push(`made   ${FILES.peers}: the password of the broker’s user ${peerUser(id)}`);
      return [id, kept ?? password()];
    }),
  );
}

/** The hashes of those that are there stay as they are: a new salt would be a new file, and a restart of every broker. */
function usersText(old: string, users: ReadonlyMap<string, string>, random: RandomBytes): string {
  const lines = passwordLines(old);
  return [...users]
    .map(([user, password]) => {
      const line = lines.get(user);
      const fits = line !== undefined && isPasswordLine(line, user, password);
      return `${fits ? line : passwordLine(user, password, random(SALT_BYTES))}\n`;
    })
    .join('');
}

function planAuthority(
  found: Files,
  files: Map<string, string>,
  site: Site,
  now_ms: number,
  random: RandomBytes,
  said: string[],
): Certified {
  const [cert, key] = [found.get(FILES.authority), found.get(FILES.authorityKey)];
  if (cert === undefined && key === undefined) {
    const made = makeAuthority(site.site, now_ms, random);
    files.set(FILES.authority, made.cert);
    files.set(FILES.authorityKey, made.key);
    said.push(`made   ${FILES.authority}: the site’s own authority, which clients of the broker trust`);
    return made;
  }
  const anew = `or delete both: a new authority is made, and every client needs its ${FILES.authority}`;
  if (cert === undefined || key === undefined) {
    const [lost, there] =
      cert === undefined ? [FILES.authority, FILES.authorityKey] : [FILES.authorityKey, FILES.authority];
    throw new SecretsError(`${there} is there and ${lost} is not; bring it back, ${anew}`);
  }
  if (!belongTogether({ cert, key })) {
    throw new SecretsError(
      `${FILES.authority} and ${FILES.authorityKey} do not belong together; bring back those that do, ${anew}`,
    );
  }
  const left = daysLeft(cert, now_ms);
  if (left < AUTHORITY_WARNING_DAYS)
    said.push(
      `${FILES.authority} ends in ${left} days: delete it and ${FILES.authorityKey} in time, and run init again`,
    );
  return { cert, key };
}

function planCertificates(
  found: Files,
  site: Site,
  authority: Certified,
  now_ms: number,
  random: RandomBytes,
  said: string[],
): Record<string, Certified> {
  const known = readCertificates(found);
  for (const id of Object.keys(known).filter((each) => !site.hosts.some((host) => host.id === each))) {
    said.push(`took away the certificate of ${id}: site.yaml has no such host`);
  }
  return Object.fromEntries(
    site.hosts.map(({ id, name }) => {
      const wanted = namesOf(site, name);
      const kept = Object.hasOwn(known, id) ? known[id] : undefined;
      const why = kept === undefined ? undefined : whyRenew(kept, authority.cert, wanted, now_ms);
      if (kept !== undefined && why === undefined) return [id, kept];
      said.push(
        kept === undefined
          ? `made   ${FILES.certificates}: the certificate of ${id}, for ${[...wanted.names.slice(0, 1), ...wanted.addresses].join(', ')}`
          : `renewed ${FILES.certificates}: the certificate of ${id}; ${why}`,
      );
      return [id, makeHostCertificate(authority, wanted, now_ms, random)];
    }),
  );
}

function vrrpPassword(random: RandomBytes): string {
  return random(VRRP_CHARACTERS).toString('base64url').slice(0, VRRP_CHARACTERS);
}

function putJson(found: Files, files: Map<string, string>, file: string, value: object): void {
  put(found, files, file, `${JSON.stringify(value, null, 1)}\n`);
}

function put(found: Files, files: Map<string, string>, file: string, text: string): void {
  if (found.get(file) !== text) files.set(file, text);
}

function readJson<Schema extends z.ZodType>(found: Files, file: string, schema: Schema): z.output<Schema> | undefined {
  const text = found.get(file);
  if (text === undefined) return undefined;
  const mend = 'bring it back from a backup, or delete it: it is made anew';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SecretsError(`${file} is torn: it is no JSON; ${mend}`, { cause: error });
  }
  const read = schema.safeParse(value);
  if (!read.success) throw new SecretsError(`${file} does not hold what it should; ${mend}`, { cause: read.error });
  return read.data;
}
