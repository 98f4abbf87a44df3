import { formatProblem, hasErrors } from '@guaita/assign/inventory';
import { AddDevices, channels } from '@guaita/messages';
import { normaliseId, type Device, type Id } from '@guaita/model';
import { EXIT } from '@guaita/service';
import type { Command } from 'commander';
import { checkInventoryFiles } from '../inventory-file.ts';
import { addCommandFlags, giveCommands, type CommandOptions } from './give-command.ts';
import { idsOf } from './ids.ts';
import type { Order } from './orders.ts';
import type { Shell } from './shell.ts';

/** As many as the wire contract takes in one command. */
const AT_ONCE = 1000;

interface AddOptions extends CommandOptions {
  readonly name?: string;
  readonly id?: string;
  readonly parent?: readonly string[];
  readonly tag?: readonly string[];
  readonly interval?: string;
  readonly snmp?: string;
  readonly onlySite?: readonly string[];
  readonly from?: readonly string[];
}

/** What cannot be made a command of. */
class DeviceOptionsError extends Error {
  override readonly name = 'DeviceOptionsError';
}

/** Adds `guaita devices add`. */
export function addDevicesAdd(devices: Command, { output, exit }: Shell): void {
  addCommandFlags(devices.command('add'))
    .description('Add a device, or change one that was added so; every monitor learns of it. Or all of a file.')
    .argument('[addresses...]', 'of the one device: IP addresses or host names, tried in this order')
    .option('--name <NAME>', 'the name people know it by (default: the id)')
    .option('--id <ID>', 'its id (default: made of the name, or the first address)')
    .option('--parent <ID...>', 'devices through which it is reached')
    .option('--tag <TAG...>', 'words to select it by')
    .option('--interval <S>', 'seconds between two pings (default: 60)')
    .option('--snmp <PROFILE>', 'poll it by SNMP too, with this profile of the snmp service')
    .option('--only-site <SITE...>', 'only monitors of these sites may watch it')
    .option(
      '--from <FILE...>',
      'all devices of inventory files instead, once: later changes of the files are not followed',
    )
    .addHelpText(
      'after',
      `
Examples:
  guaita devices add 192.168.1.7 --name "Roof access point" --parent router
  guaita devices add 192.168.1.8 --id switch --snmp home --interval 15
  guaita devices add --from guifi.cnml --broker mqtt://pi-1.lan:1883

Exit codes: 0 added and on disk, 1 refused, 2 wrong usage, 3 nobody answered, 4 some are added: what is printed says
which. To give all again does no harm.`,
    )
    .action(async (addresses: string[], options: AddOptions) => {
      try {
        const found =
          options.from === undefined ? [checked(deviceOf(addresses, options))] : await devicesOf(addresses, options);
        const done = found.length === 1 ? 'the device is added' : `${found.length} devices are added`;
        exit(await giveCommands(ordersToAdd(found), done, options, output));
      } catch (error) {
        if (!(error instanceof DeviceOptionsError)) throw error;
        process.stderr.write(`${error.message}\n`);
        exit(EXIT.usage);
      }
    });
}

/** The orders that add devices, which come in an order in which parents are first. */
export function ordersToAdd(devices: readonly Entered[]): Order[] {
  return inPortions(devices).map((portion): Order => {
    return {
      channel: channels.addDevices,
      payload: { devices: portion },
      about: portion.map(({ device }) => device),
    };
  });
}

/** Adds `guaita devices remove`. */
export function addDevicesRemove(devices: Command, { output, exit }: Shell): void {
  addCommandFlags(devices.command('remove'))
    .description('Take devices away that were added by command. What stands in a file is taken out there.')
    .argument('<ids...>', 'of the devices', idsOf)
    .addHelpText(
      'after',
      `
Example:
  guaita devices remove roof-access-point

Exit codes: 0 removed, and that is on disk, 1 refused, 2 wrong usage, 3 nobody answered, 4 some are removed: what is
printed says which (more than ${AT_ONCE} are removed in several steps).`,
    )
    .action(async (ids: Id[], options: CommandOptions) => {
      const orders = inPortions(ids).map((devices): Order => {
        return { channel: channels.removeDevices, payload: { devices }, about: devices };
      });
      const done = ids.length === 1 ? 'the device is removed' : `${ids.length} devices are removed`;
      exit(await giveCommands(orders, done, options, output));
    });
}

/** Adds `guaita devices probe`. */
export function addDevicesProbe(devices: Command, { output, exit }: Shell): void {
  addCommandFlags(devices.command('probe'))
    .description('Have devices probed now, by the monitors on this broker that watch them.')
    .argument('<ids...>', 'of the devices', idsOf)
    .addHelpText('after', '\nExample:\n  guaita devices probe roof-access-point && guaita watch')
    .action(async (ids: Id[], options: CommandOptions) => {
      const orders = inPortions(ids).map((devices): Order => {
        return { channel: channels.probeDevices, payload: { devices }, about: devices };
      });
      const done = ids.length === 1 ? 'the device is probed' : `${ids.length} devices are probed`;
      exit(await giveCommands(orders, done, options, output));
    });
}

/** What is said of a device in a command; who hears it checks it. */
type Entered = Pick<Device, 'device'> & Partial<Omit<Device, 'checks'>> & { readonly checks?: unknown };

/** The device that the flags describe. */
export function deviceOf(addresses: readonly string[], options: AddOptions): Entered {
  const [first] = addresses;
  if (first === undefined) throw new DeviceOptionsError('no address is given: give one, or --from FILE');
  const { name, parent, tag, interval, snmp, onlySite } = options;
  const id = options.id ?? normaliseId(name ?? first);
  if (id === undefined) {
    throw new DeviceOptionsError(`nothing of ${JSON.stringify(name ?? first)} can stand in an id: give one with --id`);
  }
  const interval_s = interval === undefined ? {} : { interval_s: Number(interval) };
  if (Number.isNaN(interval_s.interval_s)) {
    throw new DeviceOptionsError(`--interval: ${JSON.stringify(interval)} is no number of seconds: give one like 30`);
  }
  return {
    device: id,
    addresses: [...addresses],
    ...(name === undefined ? {} : { name }),
    ...(parent === undefined ? {} : { parents: [...parent] }),
    ...(tag === undefined ? {} : { tags: [...tag] }),
    ...(onlySite === undefined ? {} : { placement: { only_sites: [...onlySite] } }),
    checks: { ping: interval_s, ...(snmp === undefined ? {} : { snmp: { profile: snmp } }) },
  };
}

const AN_ID = 'give letters a-z, digits, ".", "_" or "-", at most 63 characters';

/** By which option each field of a device is given, and what fits there. */
const OPTIONS: readonly { readonly field: string; readonly option: string; readonly mend: string }[] = [
  { field: 'device', option: '--id', mend: AN_ID },
  { field: 'name', option: '--name', mend: 'give 1 to 200 characters' },
  { field: 'parents', option: '--parent', mend: `give the id of a device: ${AN_ID}` },
  { field: 'tags', option: '--tag', mend: AN_ID },
  { field: 'placement', option: '--only-site', mend: `give the id of a site: ${AN_ID}` },
  { field: 'checks.ping', option: '--interval', mend: 'give seconds from 1 to 86400' },
  { field: 'checks.snmp', option: '--snmp', mend: `give the name of a profile: ${AN_ID}` },
  { field: 'addresses', option: 'address', mend: 'give 1 to 16 IP addresses or host names' },
];

/** @throws {DeviceOptionsError} when no monitor would take it; the message names the options. */
function checked(entered: Entered): Entered {
  const result = AddDevices.safeParse({ devices: [entered] });
  if (result.success) return entered;
  const said = result.error.issues.map(({ path, message }) => {
    // Below `devices[0]`.
    const keys = path.slice(2);
    const at = keys.join('.');
    const found = OPTIONS.find(({ field }) => at.startsWith(field));
    if (found === undefined) return `${at}: ${message}`;
    const value = keys.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown>)[key], entered);
    return `${found.option}: ${Array.isArray(value) ? 'this many' : JSON.stringify(value)} does not fit; ${found.mend}`;
  });
  throw new DeviceOptionsError([...new Set(said)].join('\n'));
}

async function devicesOf(addresses: readonly string[], { from = [] }: AddOptions): Promise<Device[]> {
  if (addresses.length > 0) throw new DeviceOptionsError('--from stands beside addresses: give one of the two');
  const { devices, problems } = await checkInventoryFiles(from.map((file) => ({ file })));
  if (hasErrors(problems)) throw new DeviceOptionsError(problems.map(formatProblem).join('\n'));
  if (devices.length === 0) throw new DeviceOptionsError(`${from.join(', ')}: no device is in there; nothing is added`);
  return parentsFirst(devices.map(({ device }) => device));
}

/** In an order in which each device comes after its parents, so that no command names one that comes later. */
export function parentsFirst(devices: readonly Device[]): Device[] {
  const byId = new Map(devices.map((device) => [device.device, device]));
  const ordered = new Set<Device>();
  for (const root of devices) {
    const trail = [root];
    for (let device = trail.at(-1); device !== undefined; device = trail.at(-1)) {
      // An inventory has no circles: the walk ends.
      const parent = device.parents.flatMap((id) => byId.get(id) ?? []).find((each) => !ordered.has(each));
      if (parent !== undefined) trail.push(parent);
      else {
        ordered.add(device);
        trail.pop();
      }
    }
  }
  return [...ordered];
}

function inPortions<T>(all: readonly T[]): T[][] {
  const portions: T[][] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) portions.push(all.slice(at, at + AT_ONCE));
  return portions;
}
