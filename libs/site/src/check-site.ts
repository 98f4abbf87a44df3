import { MonitorId, normaliseId } from '@guaita/model';
import { isInNetworkOf, standsForNetwork } from './address.ts';
import type { SiteFields } from './site.ts';

/** What is wrong with a site as a whole: where, and cause and mend around a semicolon. */
interface Fault {
  readonly path: readonly string[];
  readonly message: string;
}

/** TCP ports that Docker Swarm itself listens on at each host. */
const SWARM_PORTS = new Set([2377, 7946]);

/** Checks what the fields of a site say together; the fields by themselves are right. */
export function checkSite(fields: SiteFields): Fault[] {
  return [...hostFaults(fields), ...floatingFaults(fields), ...portFaults(fields)];
}

function hostFaults({ hosts }: SiteFields): Fault[] {
  const faults: Fault[] = [];
  if (Object.keys(hosts).length === 0) {
    faults.push({ path: ['hosts'], message: 'names no host; name each with its address' });
  }
  const [nameOf, holderOf] = [new Map<string, string>(), new Map<string, string>()];
  for (const [name, { address }] of Object.entries(hosts)) {
    const fault = (message: string, ...below: string[]): void => {
      faults.push({ path: ['hosts', name, ...below], message });
    };
    const id = MonitorId.safeParse(normaliseId(name));
    if (!id.success) fault(`${JSON.stringify(name)} cannot be the id of a monitor; give the host another name`);
    else if (nameOf.has(id.data)) {
      fault(`has the same id ${id.data} as ${JSON.stringify(nameOf.get(id.data))}; give one of the hosts another name`);
    } else nameOf.set(id.data, name);
    const holder = holderOf.get(address);
    if (holder === undefined) holderOf.set(address, name);
    else fault(`${address} is the address of ${JSON.stringify(holder)} too; give each host its own`, 'address');
  }
  return faults;
}

function floatingFaults({ floating_ip, hosts }: SiteFields): Fault[] {
  if (floating_ip === undefined) return [];
  const floating = floating_ip.address;
  const shown = `${floating.address}/${floating.prefix}`;
  const path = ['floating_ip', 'address'];
  const faults: Fault[] = [];
  if (standsForNetwork(floating)) {
    faults.push({ path, message: `${shown} stands for its whole network; give an address in it that nobody has` });
  }
  for (const [name, { address }] of Object.entries(hosts)) {
    if (address === floating.address) {
      const message = `${address} is the address of host ${JSON.stringify(name)}; give one that nobody has`;
      faults.push({ path, message });
    } else if (!isInNetworkOf(floating, address)) {
      const message = `${address} is not in the network of the floating IP, ${shown}; correct one of the two`;
      faults.push({ path: ['hosts', name, 'address'], message });
    }
  }
  return faults;
}

function portFaults({ ports }: SiteFields): Fault[] {
  const taken = Object.entries(ports)
    .filter(([, port]) => SWARM_PORTS.has(port))
    .map(([name, port]) => ({
      path: ['ports', name],
      message: `${port} belongs to Docker Swarm; give another`,
    }));
  if (ports.mqtt !== ports.page) return taken;
  return [...taken, { path: ['ports', 'page'], message: `${ports.page} is the broker’s port too; give another` }];
}
