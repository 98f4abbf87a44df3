import type { Docker } from './docker.ts';
import { RolloutError, type Patience } from './rollout.ts';
import { readStack } from './swarm.ts';

const POLL_ms = 1_000;

/**
 * Takes a stack away, and waits until the Swarm has no service of it.
 *
 * @throws {RolloutError} when that takes too long.
 * @throws {DockerError}
 */
export async function stopAll(docker: Docker, stack: string, { now, sleep, limit_ms }: Patience): Promise<void> {
  const deadline_ms = now() + limit_ms;
  await docker.run(['stack', 'rm', stack]);
  for (;;) {
    const { services } = await readStack(docker, stack);
    if (services.length === 0) return;
    if (now() >= deadline_ms) throw new RolloutError(`${services.length} services are still there; run this again`);
    await sleep(POLL_ms);
  }
}
