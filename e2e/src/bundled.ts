import { bundle } from '@guaita/bundle';
import { eventually } from '@guaita/lab/eventually';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';

const folder = inject('bundleFolder');
const made = join(folder, 'made');
// What its processes compile goes with the bundle; a later run has another one.
process.env['NODE_COMPILE_CACHE'] = join(folder, 'compiled');

/**
 * The command line as it is shipped: in few files, which start in half the time. Whoever needs it first in a run of tests
 * bundles it; all others wait for that.
 */
export async function bundledGuaita(): Promise<string> {
  const isFirst = await mkdir(join(folder, 'begun')).then(
    () => true,
    () => false,
  );
  if (isFirst) await bundle('guaita', join(folder, 'guaita')).finally(() => writeFile(made, ''));
  await eventually(() => access(made));
  return join(folder, 'guaita/guaita.mjs');
}
