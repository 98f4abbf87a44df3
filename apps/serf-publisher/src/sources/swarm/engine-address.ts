import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import type { Entrance, Failure } from '../http/json-api.ts';

/** Where Docker's engine is, and how one comes in. */
export interface EngineAddress {
  /** `unix:///var/run/docker.sock`, `tcp://host:2375`, `https://host:2376`. */
  readonly url: string;
  /** PEM files, for `https:`. */
  readonly ca_file?: string | undefined;
  readonly cert_file?: string | undefined;
  readonly key_file?: string | undefined;
}

/** Docker's own ports, where a URL names none. */
const PLAIN_PORT = '2375';
const TLS_PORT = '2376';

/** Tells whether a text can be an engine's address. */
export function isEngineUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  if (protocol === 'unix:') return hostname === '' && pathname.length > 1;
  return ['tcp:', 'http:', 'https:'].includes(protocol) && hostname !== '';
}

/** Reads certificates anew each time: they are replaced now and then. @throws where one cannot be read. */
export async function engineEntrance(address: EngineAddress): Promise<Entrance> {
  const { protocol, hostname, port, pathname } = new URL(address.url);
  const common = { prefix: '', secrets: [] };
  if (protocol === 'unix:') {
    return { ...common, tls: false, options: { socketPath: decodeURIComponent(pathname), agent: false } };
  }
  // IPv6 addresses stand in brackets in a URL, and nowhere else.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const tls = protocol === 'https:';
  const options: RequestOptions = { host, port: port || (tls ? TLS_PORT : PLAIN_PORT), agent: false };
  if (tls) {
    const { ca_file, cert_file, key_file } = address;
    if (ca_file !== undefined) options.ca = await readFile(ca_file);
    if (cert_file !== undefined) options.cert = await readFile(cert_file);
    if (key_file !== undefined) options.key = await readFile(key_file);
  }
  return { ...common, tls, options };
}

/** What to do where an engine does not answer as it should. */
export function mendOfEngine({ status, code }: Failure, { url }: EngineAddress): string {
  if (code === 'EACCES' || code === 'EPERM') return `let this user read and write ${url}, as the group docker may`;
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTFOUND') {
    return 'start Docker there, or name the one that runs in serf-publisher.docker.url';
  }
  if (status === 503) return 'let serf-publisher ask a manager of the Swarm: only those know its services';
  if (status === 401 || status === 403) return 'let it in: see serf-publisher.docker';
  if (status === 400) return 'take a Docker engine of version 20.10 or later';
  return 'see that Docker is well there (docker info)';
}
