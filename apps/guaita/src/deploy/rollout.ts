import type { ServiceState } from './convergence.ts';
import { serviceStates } from './convergence.ts';
import { deployStack, servicesOf } from './deploy-stack.ts';
import type { Deployment } from './deployment.ts';
import type { Docker } from './docker.ts';
import { readStack } from './swarm.ts';

/** What waiting needs, and where it is told how far it is. */
export interface Patience {
  /** Monotonic, in ms. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly tell: (line: string) => void;
  /** For all that is waited for together. */
  readonly limit_ms: number;
}

/** What was to come to rest did not, and why as far as the Swarm knows. */
export class RolloutError extends Error {
  override readonly name = 'RolloutError';
}

const POLL_ms = 1_000;

/**
 * Which service is renewed before which: first what the others stand on; what moves the floating IP last, so that it
 * follows brokers and pages that are new already.
 */
const FIRST = ['antidote', 'mosquitto', 'assign', 'ping', 'snmp', 'storage', 'alert', 'serf-publisher'];
const LAST = ['keepalived'];

/**
 * Deploys a stack that is not there yet, all at once, and waits until every service runs where it should.
 *
 * @throws {RolloutError} when that takes too long, or the Swarm gave up.
 * @throws {DockerError}
 */
export async function startAll(docker: Docker, deployment: Deployment, patience: Patience): Promise<void> {
  await deployStack(docker, deployment);
  await converged(docker, deployment.stack, servicesOf(deployment), patience);
}

/**
 * Renews one service after the other, and each host after host: of all hosts, never two have a service away at the same
 * time. What has not changed is not touched.
 *
 * @throws {RolloutError} when one does not come to rest: those after it stay as they were.
 * @throws {DockerError}
 */
export async function renewInTurn(docker: Docker, deployment: Deployment, patience: Patience): Promise<void> {
  const began_ms = patience.now();
  for (const service of inOrder(servicesOf(deployment))) {
    await deployStack(docker, deployment, service);
    const limit_ms = patience.limit_ms - (patience.now() - began_ms);
    await converged(docker, deployment.stack, [service], { ...patience, limit_ms });
  }
  await deployStack(docker, deployment);
  const limit_ms = patience.limit_ms - (patience.now() - began_ms);
  await converged(docker, deployment.stack, servicesOf(deployment), { ...patience, limit_ms });
}

/** The order in which services are renewed. */
export function inOrder(services: readonly string[]): string[] {
  const rank = (service: string): number => {
    if (LAST.includes(service)) return FIRST.length + 1;
    const place = FIRST.indexOf(service);
    return place === -1 ? FIRST.length : place;
  };
  return [...services].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** Waits until services run everywhere as they should. */
async function converged(
  docker: Docker,
  stack: string,
  wanted: readonly string[],
  { now, sleep, tell, limit_ms }: Patience,
): Promise<void> {
  const deadline_ms = now() + limit_ms;
  const told = new Map<string, string>();
  for (;;) {
    const states = serviceStates(await readStack(docker, stack), stack).filter(({ service }) =>
      wanted.includes(service),
    );
    for (const state of states) {
      const line = progressOf(state);
      if (told.get(state.service) !== line) tell(line);
      told.set(state.service, line);
    }
    const lost = states.find(({ gaveUp }) => gaveUp !== undefined);
    if (lost !== undefined)
      throw new RolloutError(`${lost.service}: the Swarm gave up: ${lost.gaveUp}\n${reasons([lost])}`);
    const missing = wanted.filter((service) => !states.some((state) => state.service === service));
    if (missing.length === 0 && states.every((state) => state.converged)) return;
    if (now() >= deadline_ms) {
      const left = states.filter((state) => !state.converged);
      const absent = missing.map((service) => `  ${service}: is not there`);
      throw new RolloutError(
        [
          `not everything runs after ${Math.round(limit_ms / 1000)} s; it goes on by itself, and guaita deploy status says how far it is:`,
          ...absent,
          reasons(left),
        ].join('\n'),
      );
    }
    await sleep(POLL_ms);
  }
}

function progressOf({ service, places, converged: done }: ServiceState): string {
  const running = places.filter(({ state }) => state === 'running').length;
  return `${service.padEnd(15)} ${running} of ${places.length} ${done ? 'run' : '…'}`;
}

/** Why services do not run, by host, in Docker's words. */
function reasons(states: readonly ServiceState[]): string {
  return states
    .flatMap(({ service, image, places }) =>
      places
        .filter(({ state, error }) => state !== 'running' || error !== undefined)
        .map(
          ({ host, state, error }) =>
            `  ${service} at ${host}: ${state}${error === undefined ? '' : `: ${error}${mendOf(error, image)}`}`,
        ),
    )
    .join('\n');
}

function mendOf(error: string, image: string): string {
  if (/no such image/i.test(error))
    return `; bring ${image} there (docker load), or name a registry with GUAITA_IMAGE_PREFIX`;
  if (/non-zero exit|task: non-zero/i.test(error)) return '; docker service logs says why';
  return '';
}
