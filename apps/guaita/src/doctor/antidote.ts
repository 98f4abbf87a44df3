import { AntidoteClient, parseAddress, text, type Address } from '@guaita/antidote';
import { BelievedStore, Layout, NAMESPACE, UnbelievableReadError } from '@guaita/assign/antidote';
import { BlockList, connect, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Check, Finding } from './finding.ts';

/** A server that is there answers in milliseconds; a person waits no longer than this. */
const PATIENCE_ms = 5_000;
/** This host itself takes a connection at once or not at all. */
const LISTENS_ms = 1_000;

const CHECK = 'antidote';

/** Networks that nobody outside reaches: RFC 1918, 6598, 3927, 4193, 4291. */
const INSIDE = new BlockList();
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
] as const) {
  INSIDE.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  INSIDE.addSubnet(net, bits, 'ipv6');
}

/**
 * Does each AntidoteDB of the configuration answer, and with what is to be believed? Is one that runs here open to others?
 *
 * @param own the addresses of this host.
 * @param listens whether somebody takes connections there.
 */
export function checkAntidote(
  addresses: readonly string[],
  own: readonly string[] = ownAddresses(),
  listens: Listens = takesConnections,
): Check {
  return async () => {
    const findings = await Promise.all(
      addresses.map(async (address) => [await look(address), ...(await exposure(parseAddress(address), own, listens))]),
    );
    return findings.flat();
  };
}

type Listens = (host: string, port: number) => Promise<boolean>;

async function look(address: string): Promise<Finding> {
  const client = new AntidoteClient({
    ...{ addresses: [address], connectTimeout_ms: PATIENCE_ms },
  });
  client.start();
  try {
    const layout = new Layout(NAMESPACE);
    const [monitors] = await new BelievedStore(client, layout).read(
      [layout.monitors],
      AbortSignal.timeout(2 * PATIENCE_ms),
    );
    const names = monitors.map(text).sort();
    const detail = `${address} answers, and knows ${names.length === 0 ? 'no monitor yet' : names.join(', ')}`;
    return { check: CHECK, level: 'ok', detail };
  } catch (error) {
    const mend =
      error instanceof UnbelievableReadError
        ? `Run "guaita antidote connect" with one server of each site, ${address} among them. If that was done: it is starting (wait a minute), or its clock was set back (look at \`date\` on its host).`
        : 'See that AntidoteDB runs there and that this host reaches it; what is known stays meanwhile, and the other links go on.';
    return { check: CHECK, level: 'failure', detail: `${address}: ${(error as Error).message}`, mend };
  } finally {
    await client.stop();
  }
}

/** It asks nobody for a name or a password: whoever reaches it can read and change all that is in it. */
async function exposure({ host, port }: Address, own: readonly string[], listens: Listens): Promise<Finding[]> {
  const isHere = host === 'localhost' || own.includes(host) || isInside(host, '127.');
  const suspects = isHere
    ? own.filter((address) => !isPrivate(address))
    : [host].filter((address) => isPublic(address));
  const open = await Promise.all(suspects.map(async (address) => ((await listens(address, port)) ? [address] : [])));
  return open.flat().map((address) => ({
    check: CHECK,
    level: 'warning',
    detail: `AntidoteDB takes connections on ${address}, port ${port}, which is no private address: it has no authentication, so whoever reaches it can read and change everything`,
    mend: `Let a firewall drop port ${port}, and those between data centres (8085, 8086), everywhere but in a private network such as WireGuard, and use its addresses.`,
  }));
}

const isInside = (host: string, prefix: string): boolean => isIP(host) !== 0 && host.startsWith(prefix);
const isPublic = (host: string): boolean => isIP(host) !== 0 && !isPrivate(host);

function isPrivate(address: string): boolean {
  return INSIDE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function takesConnections(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: LISTENS_ms });
    const end = (open: boolean) => () => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
}
