import { normaliseId } from '@guaita/model';
import type { Site } from '@guaita/site';
import type { Finding } from '../../doctor/finding.ts';
import { monitorNodes, type SwarmNode } from '../swarm.ts';

/** Are the nodes of the Swarm the hosts of the site, each a manager that is there? Pure. */
export function nodeFindings(site: Site, nodes: readonly SwarmNode[]): Finding[] {
  const monitors = monitorNodes(nodes);
  const findings = [
    ...nameFindings(site, monitors),
    ...monitors.flatMap((node) => [...stateFindings(node), ...addressFindings(site, node)]),
    ...managerFindings(nodes),
  ];
  if (findings.length > 0) return findings;
  return [
    {
      check: 'nodes',
      level: 'ok',
      detail: `the ${nodes.length} nodes of the Swarm are the site’s hosts, and are there`,
    },
  ];
}

function nameFindings(site: Site, nodes: readonly SwarmNode[]): Finding[] {
  const ids = nodes.map(({ Description }) => normaliseId(Description.Hostname));
  const missing = site.hosts
    .filter(({ id }) => !ids.includes(id))
    .map(({ name }): Finding => ({
      ...{ check: 'nodes', level: 'failure', detail: `${name} of site.yaml is no node of the Swarm` },
      mend: `Let it join (docker swarm join-token manager says how), or call it in site.yaml as docker node ls does.`,
    }));
  const unknown = nodes
    .filter((_, index) => !site.hosts.some(({ id }) => id === ids[index]))
    .map(({ Description: { Hostname } }): Finding => ({
      ...{ check: 'nodes', level: 'failure', detail: `the Swarm’s node ${Hostname} is no host of site.yaml` },
      mend: `guaita deploy init --host ${Hostname}=ITS-ADDRESS; or, if it is to be no monitor: docker node update --label-add guaita=off ${Hostname}.`,
    }));
  const doubled = ids
    .filter((id, index) => ids.indexOf(id) !== index)
    .map((id): Finding => ({
      ...{ check: 'nodes', level: 'failure', detail: `two nodes of the Swarm are called ${id}` },
      mend: 'One is most likely what is left of a host that joined anew: docker node rm the one that is down.',
    }));
  return [...missing, ...unknown, ...doubled];
}

function stateFindings({ Description: { Hostname }, Status, Spec }: SwarmNode): Finding[] {
  if (Status.State !== 'ready') {
    const why = Status.Message === '' ? '' : ` (${Status.Message})`;
    const mend = 'Start it, or see to its network; what is deployed now comes to it when it is back.';
    return [{ check: 'nodes', level: 'failure', detail: `${Hostname} is ${Status.State}${why}`, mend }];
  }
  if (Spec.Availability !== 'active') {
    const mend = `docker node update --availability active ${Hostname}`;
    return [
      { check: 'nodes', level: 'failure', detail: `${Hostname} takes no containers (${Spec.Availability})`, mend },
    ];
  }
  return [];
}

/** A manager's own address; the leader tells 0.0.0.0 of itself where it was not told which. */
function addressFindings(site: Site, { Description: { Hostname }, Status, ManagerStatus }: SwarmNode): Finding[] {
  const host = site.hosts.find(({ id }) => id === normaliseId(Hostname));
  const told = [Status.Addr, ManagerStatus?.Addr.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') ?? ''];
  const known = told.filter((address) => address !== '' && !/^(0\.0\.0\.0|::|127\.0\.0\.1)$/.test(address));
  if (host === undefined || known.length === 0 || known.includes(host.address)) return [];
  return [
    {
      ...{ check: 'nodes', level: 'warning' },
      detail: `${Hostname} is ${host.address} in site.yaml, and ${known[0]} in the Swarm`,
      mend: 'Right where the host has both; else correct site.yaml, and run guaita deploy init again for its certificate.',
    },
  ];
}

function managerFindings(nodes: readonly SwarmNode[]): Finding[] {
  const managers = nodes.filter(({ Spec }) => Spec.Role === 'manager');
  const workers = nodes.filter(({ Spec }) => Spec.Role !== 'manager').map(({ Description }) => Description.Hostname);
  const findings: Finding[] = managers
    .filter(({ ManagerStatus }) => ManagerStatus?.Reachability !== 'reachable')
    .map(({ Description: { Hostname } }) => ({
      ...{ check: 'managers', level: 'failure', detail: `the other managers do not reach ${Hostname}` },
      mend: 'Between the hosts TCP 2377 and 7946, UDP 7946 and 4789, and IP protocol 50 (ESP) have to be open.',
    }));
  if (managers.length % 2 === 0) {
    const promote =
      workers.length > 0
        ? `docker node promote ${workers.slice(0, 1).join(' ')}, or demote one`
        : 'Add a host, or demote one';
    findings.push({
      ...{
        check: 'managers',
        level: 'warning',
        detail: `${managers.length} managers bear no more losses than ${managers.length - 1}`,
      },
      mend: `Have an odd number of them: ${promote}.`,
    });
  } else if (managers.length === 1 && nodes.length > 1) {
    findings.push({
      ...{
        check: 'managers',
        level: 'warning',
        detail: 'with one manager the Swarm mends nothing while that host is away',
      },
      mend: `docker node promote ${workers.join(' ')}`,
    });
  }
  return findings;
}
