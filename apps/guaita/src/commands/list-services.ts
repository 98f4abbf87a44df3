import type { Wire } from '@guaita/bus';
import { channels, type FoundService, type SerfMember } from '@guaita/messages';
import { addCommonFlags } from '@guaita/service';
import type { Command } from 'commander';
import { printable } from '../printable.ts';
import { hearKept } from '../status/hear-kept.ts';
import { table } from '../table.ts';
import { lookAt, type LookOptions } from './look-at.ts';
import { PresentInstances } from './presence.ts';
import type { Shell } from './shell.ts';

interface ListOptions extends LookOptions {
  readonly members?: boolean;
  readonly type?: readonly string[];
  readonly node?: readonly string[];
  readonly source?: readonly string[];
}

interface KnownServices {
  readonly services: readonly FoundService[];
  /** Only where they were asked for. */
  readonly members?: readonly SerfMember[];
  /** No serf-publisher is there: what is kept may be old. */
  readonly stale: boolean;
}

/** Adds `guaita services list`, which is `guaita services`, too. */
export function addListServices(services: Command, { output, exit }: Shell): void {
  addCommonFlags(services.command('list', { isDefault: true }))
    .description('Say which services are known on the broker: of its host, and of all nodes of the community network.')
    .option('--members', 'also the members of the Serf cluster')
    .option('--type <TYPE...>', 'of one of these types')
    .option('--node <NODE...>', 'on one of these nodes, which are members of the cluster or the monitor itself')
    .option('--source <SOURCE...>', 'told of by one of these: announcements, own, kubernetes, swarm, serf')
    .option('--json', 'one JSON object, for programs')
    .addHelpText(
      'after',
      `
Examples:
  guaita services
  guaita services --type http --node pi-1
  guaita services --members
  guaita services --json | jq -r '.services[] | "\\(.address):\\(.port)"'

Exit codes: 0 told, whether there are any or not; 2 wrong usage or configuration; 3 it cannot be told: no broker, or no
serf-publisher on it.`,
    )
    .action(async (options: ListOptions) => {
      const hear = (wire: Wire): Promise<KnownServices> => hearServices(wire, options);
      exit(await lookAt({ purpose: 'services', hear, render, isWell: () => true }, options, output));
    });
}

async function hearServices(wire: Wire, options: ListOptions): Promise<KnownServices> {
  const services = new Map<string, FoundService>();
  const members = new Map<string, SerfMember>();
  const present = new PresentInstances();
  const asksMembers = options.members === true;
  await hearKept((heard) => {
    const note = <Value>(map: Map<string, Value>, key: string, value: Value | undefined): void => {
      if (value === undefined) map.delete(key);
      else map.set(key, value);
      heard();
    };
    const hearMembers = (): Promise<() => Promise<void>> =>
      wire.hear(channels.serfMember, {}, ({ parameters: { name }, value }) => note(members, name, value));
    return Promise.all([
      wire.hear(channels.foundService, {}, ({ parameters: { type, name }, value }) =>
        note(services, `${type}/${name}`, value),
      ),
      ...(asksMembers ? [hearMembers()] : []),
      present.hear(wire, 'serf-publisher', heard),
    ]);
  });
  const { type, node, source } = options;
  const isAmong = (wanted: readonly string[] | undefined, text: string): boolean => wanted?.includes(text) ?? true;
  const wanted = [...services]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, service]) => service)
    .filter((each) => isAmong(type, each.type) && isAmong(node, each.node) && isAmong(source, each.source));
  const known = [...members]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, member]) => member)
    .filter(({ name }) => isAmong(node, name));
  return { services: wanted, ...(asksMembers ? { members: known } : {}), stale: present.none };
}

function render({ services, members, stale }: KnownServices, broker: string): string[] {
  return [
    ...serviceLines(services),
    ...(members === undefined ? [] : ['', ...memberLines(members)]),
    ...(stale ? [`no serf-publisher is on ${broker} now: what it keeps may be old; start a monitor there`] : []),
  ];
}

function serviceLines(services: readonly FoundService[]): string[] {
  if (services.length === 0) return ['no service is known'];
  const rows = services.map(({ type, name, address, port, protocol, node, source, description, txt }) =>
    [
      ...[type, name, `${endpoint(address, port)}${protocol === 'udp' ? ' udp' : ''}`, node, source],
      [description, ...pairs(txt)].filter((text) => text !== '').join('; '),
    ].map(printable),
  );
  return table([['type', 'name', 'address', 'node', 'told by', 'what'], ...rows]);
}

function memberLines(members: readonly SerfMember[]): string[] {
  if (members.length === 0) return ['no member of a Serf cluster is known'];
  const rows = members.map(({ name, status, since, address, port, tags }) =>
    [name, status, since, endpoint(address, port), pairs(tags).join('; ')].map(printable),
  );
  return table([['member', 'status', 'since', 'address', 'tags'], ...rows]);
}

function pairs(texts: Readonly<Record<string, string>>): string[] {
  return Object.entries(texts).map(([key, value]) => `${key}=${value}`);
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
