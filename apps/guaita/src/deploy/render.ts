import { printable } from '../printable.ts';
import { renderStatus } from '../status/render.ts';
import { table } from '../table.ts';
import type { ServiceState } from './convergence.ts';
import type { Heard } from './monitors.ts';

/** Lines for people: services by hosts, what is amiss, and the monitors. */
export function renderDeployment(states: readonly ServiceState[], heard: Heard): string[] {
  const hosts = [...new Set(states.flatMap(({ places }) => places.map(({ host }) => host)))].sort();
  const rows = states.map(({ service, places }) => [
    service,
    ...hosts.map((host) => places.find((place) => place.host === host)?.state ?? ''),
  ]);
  const troubles = states.flatMap(({ service, gaveUp, places }) => [
    ...(gaveUp === undefined ? [] : [`trouble: ${service}: the Swarm gave up on its update: ${printable(gaveUp)}`]),
    ...places.flatMap(({ host, error }) => {
      return error === undefined ? [] : [`trouble: ${service} at ${host}: ${printable(error)}`];
    }),
  ]);
  const monitors =
    heard.broker === undefined
      ? [`no broker answers, so nothing is known of the monitors: ${printable(heard.why)}`]
      : renderStatus(heard.judgement, heard.broker);
  return [...table([['service', ...hosts], ...rows]), ...troubles, '', ...monitors];
}
