import { X509Certificate, createPrivateKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HostCertificates, PeerPasswords, peersOf, peerUser, type Site, type SiteHost } from '@guaita/site';
import { readSecrets, readText } from '../files.ts';
import { HostError } from '../host-error.ts';

/** What this host's broker shows to others, and says to its peers. */
export interface Credentials {
  /** Names and hashes, for the broker to read by itself. */
  readonly usersFile: string;
  /** In PEM; `undefined` for a host by itself that has none: then nothing goes by TLS. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** That of its own user at its peers' brokers, where it has peers. */
  readonly password?: string;
}

const MEND = 'make it by "guaita deploy init", and deploy it';

/**
 * Takes this host's own of the site's secrets, and checks that its peers find what they need.
 *
 * @param folder has the files `users`, and for a site of several hosts `peers` and `tls`.
 * @throws {HostError} when something is missing, or does not fit.
 */
export async function readCredentials(folder: string, site: Site, host: SiteHost): Promise<Credentials> {
  const usersFile = join(folder, 'users');
  const peers = peersOf(site, host);
  const tlsFile = join(folder, 'tls');
  const users = await readText(usersFile, MEND);
  if (peers.length === 0 && !existsSync(tlsFile)) return { usersFile };
  const certificate = (await readSecrets(tlsFile, HostCertificates, MEND))[host.id];
  if (certificate === undefined) throw new HostError(`${tlsFile} has no certificate for ${host.id}; ${MEND}`);
  checkCertificate(tlsFile, host, certificate);
  if (peers.length === 0) return { usersFile, certificate };
  for (const { id } of peers) {
    if (users.split('\n').some((line) => line.startsWith(`${peerUser(id)}:`))) continue;
    throw new HostError(`${usersFile} has no user ${peerUser(id)}, by whom ${id} comes in; ${MEND}`);
  }
  const peersFile = join(folder, 'peers');
  const password = (await readSecrets(peersFile, PeerPasswords, MEND))[host.id];
  if (password === undefined) throw new HostError(`${peersFile} has no password for ${host.id}; ${MEND}`);
  return { usersFile, certificate, password };
}

/** A certificate for another address is one that no peer believes, and that each of them says in its own log only. */
function checkCertificate(file: string, { id, address }: SiteHost, { cert, key }: { cert: string; key: string }): void {
  let fault: string | undefined;
  try {
    const certificate = new X509Certificate(cert);
    if (certificate.checkIP(address) === undefined) fault = `is not for its address, ${address}`;
    else if (!certificate.checkPrivateKey(createPrivateKey(key))) fault = 'does not belong to its key';
  } catch {
    fault = 'or its key is not PEM';
  }
  if (fault !== undefined) throw new HostError(`${file}: the certificate of ${id} ${fault}; ${MEND}`);
}
