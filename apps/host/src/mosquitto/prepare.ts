import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mosquittoAcl, mosquittoConf, type Site, type SiteHost } from '@guaita/site';
import { codeOf, readText, requireWritable } from '../files.ts';
import { HostError } from '../host-error.ts';
import { readCredentials } from './credentials.ts';

/** Where the broker of a host finds what it needs. */
export interface MosquittoPlaces {
  /** The folder of its secrets: `users`, and `peers` and `tls` where it has peers. */
  readonly secrets: string;
  /** The site's authority, in PEM. */
  readonly authority: string;
  /** The Unix socket by which the host's services reach it. */
  readonly socket: string;
  /** The folder in which it keeps its state. */
  readonly data: string;
  /** The folder for what is written here; in memory, since it holds secrets. */
  readonly into: string;
}

/**
 * Writes `mosquitto.conf`, and what it names, for one host.
 *
 * @returns the file of the configuration.
 * @throws {HostError} when a secret or folder is missing.
 */
export async function prepareMosquitto(site: Site, host: SiteHost, places: MosquittoPlaces): Promise<string> {
  const { secrets, authority, socket, data, into } = places;
  const { usersFile, certificate, password } = await readCredentials(secrets, site, host);
  const mend = 'mount a volume or tmpfs there that belongs to the user of this container';
  for (const folder of [dirname(socket), data]) await requireWritable(folder, mend);
  if (certificate !== undefined) await readText(authority, 'mount the ca.pem of the site there');
  const file = (name: string): string => join(into, name);
  const tls = { authority, certificate: file('certificate.pem'), key: file('key.pem') };
  const paths = { socket, data, users: usersFile, acl: file('acl') };
  const texts = {
    'mosquitto.conf': mosquittoConf(site, host, certificate === undefined ? paths : { ...paths, tls }, password),
    acl: mosquittoAcl(site, host),
    ...(certificate === undefined ? {} : { 'certificate.pem': certificate.cert, 'key.pem': certificate.key }),
  };
  try {
    await mkdir(into, { recursive: true, mode: 0o700 });
    for (const [name, text] of Object.entries(texts)) await writeFile(file(name), text, { mode: 0o600 });
  } catch (cause) {
    throw new HostError(`cannot write in ${into} (${codeOf(cause)}); ${mend}`, { cause });
  }
  return file('mosquitto.conf');
}
