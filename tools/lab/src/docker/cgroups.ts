import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const ROOT = '/sys/fs/cgroup';
/** What has just been killed may stay in its group for a moment. */
const TRIES = 20;
const PAUSE_ms = 100;

/**
 * Takes a group of processes that has ended out of all hierarchies, with the groups below it: Docker leaves them behind
 * when it is killed. What cannot be taken away after two seconds stays; it holds nothing.
 *
 * @param group as Docker has it: `/name`
 */
export async function removeCgroups(group: string): Promise<void> {
  const hierarchies = await readdir(ROOT).catch(() => []);
  // Of version 2 there is one hierarchy, of version 1 one for each controller.
  for (const folder of [join(ROOT, group), ...hierarchies.map((name) => join(ROOT, name, group))]) {
    for (let tries = 0; tries < TRIES && !(await removed(folder)); tries += 1) await pause(PAUSE_ms);
  }
}

async function removed(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return true;
  const groups = entries.filter((entry) => entry.isDirectory());
  const below = await Promise.all(groups.map(({ name }) => removed(join(folder, name))));
  if (below.includes(false)) return false;
  return await rmdir(folder).then(
    () => true,
    () => false,
  );
}
