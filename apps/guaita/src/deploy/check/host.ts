import type { Site } from '@guaita/site';
import type { Finding } from '../../doctor/finding.ts';
import type { ThisHost } from './this-host.ts';

/** On loopback, for health and metrics, as stack.yml has them. */
const HEALTH_PORTS = [7481, 7482, 7483, 7484];

/**
 * Has the host on which this runs what the stack needs? The other hosts are looked at by running this there.
 *
 * @param engine the name of the host that Docker runs on.
 * @param isUp whether the stack runs already, and so has its ports and its floating IP.
 */
export async function hostFindings(host: ThisHost, engine: string, site: Site, isUp: boolean): Promise<Finding[]> {
  const ownTime = await host.checkTime();
  if (engine !== host.name) {
    const detail = `Docker runs on ${engine}, and this on ${host.name}: its clock, ports and kernel are not seen from here`;
    return [{ check: 'host', level: 'warning', detail, mend: `Run this at ${engine} as well.` }];
  }
  return [
    ...ownTime.map((finding) => ({ ...finding, detail: `${host.name}: ${finding.detail}` })),
    ...(isUp ? [] : await portFindings(host, site)),
    ...(await kernelFindings(host)),
    ...(isUp ? [] : await floatingIpFindings(host, site)),
  ];
}

async function portFindings(host: ThisHost, { ports }: Site): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const port of [ports.mqtt, ports.page, ...HEALTH_PORTS]) {
    if (await host.isFree(port)) continue;
    const mend = [ports.mqtt, ports.page].includes(port)
      ? `Stop who has it (ss -ltnp), or name another port in site.yaml (ports).`
      : 'Stop who has it (ss -ltnp).';
    findings.push({ check: 'ports', level: 'failure', detail: `${host.name}: port ${port} is taken`, mend });
  }
  if (findings.length > 0) return findings;
  return [{ check: 'ports', level: 'ok', detail: `${host.name}: ports ${ports.mqtt} and ${ports.page} are free` }];
}

/** The network of AntidoteDB is encrypted by the kernel (ESP): where it cannot, no packet passes, and nobody says why. */
async function kernelFindings(host: ThisHost): Promise<Finding[]> {
  const exit = await host.exitOf('modprobe', ['--dry-run', '--quiet', 'esp4']);
  if (exit === undefined || exit === 0) return [];
  return [
    {
      ...{ check: 'kernel', level: 'warning' },
      detail: `${host.name}: this kernel has no ESP (module esp4), by which the network of AntidoteDB is encrypted`,
      mend: 'Use a kernel that has it (Debian’s and Raspberry Pi OS’s do); or lay a stack.local.yml over it.',
    },
  ];
}

async function floatingIpFindings(host: ThisHost, { floating_ip }: Site): Promise<Finding[]> {
  if (floating_ip === undefined) return [];
  const { address } = floating_ip;
  const exit = await host.exitOf('ping', ['-c', '1', '-W', '1', address]);
  if (exit === 0) {
    const mend = 'Give another in site.yaml that nobody has, outside of what the DHCP server gives away.';
    return [{ check: 'floating ip', level: 'failure', detail: `somebody has ${address} already`, mend }];
  }
  return [{ check: 'floating ip', level: 'ok', detail: `nobody answers at ${address} yet` }];
}
