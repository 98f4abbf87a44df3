import { baseArchive } from '@guaita/lab/docker';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CACHE } from './cache.ts';

/**
 * `npm run e2e`: runs the tests of e2e/swarm in a network namespace of their own, since they are the outsider of the
 * lab's network. What is named on the command line goes to vitest.
 */
const WORKSPACE = join(import.meta.dirname, '../../..');

if (process.getuid?.() !== 0) {
  console.error(
    'e2e: these tests make network namespaces, Docker daemons and mounts, which takes root; run them as root: sudo npm run e2e',
  );
  process.exit(1);
}
// Made here, where Debian's packages can be had.
await baseArchive(CACHE);
const vitest = [join(WORKSPACE, 'node_modules/vitest/vitest.mjs'), 'run', '--config', 'e2e/swarm/vitest.config.mjs'];
const child = spawn('unshare', ['--net', '--', process.execPath, ...vitest, ...process.argv.slice(2)], {
  cwd: WORKSPACE,
  stdio: 'inherit',
});
// Ctrl-C comes to both; the tests end what they started, and this one waits for that.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
const [code] = (await once(child, 'exit')) as [number | null];
process.exit(code ?? 1);
