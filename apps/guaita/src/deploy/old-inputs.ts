import { parse } from 'yaml';
import { z } from 'zod';
import type { Deployment } from './deployment.ts';
import { DockerError, type Docker } from './docker.ts';
import { resolved } from './interpolation.ts';

const Named = z.record(z.string(), z.object({ name: z.string() })).default({});
const StackFile = z.object({ configs: Named, secrets: Named });

/**
 * Removes the configs and secrets of earlier contents: what is no longer in a service's use. Docker keeps what is.
 *
 * @throws {DockerError}
 */
export async function removeOldInputs(docker: Docker, { stack, files, variables }: Deployment): Promise<void> {
  const trees = [...files.values()].map((text) => StackFile.parse(parse(text, { merge: true })));
  for (const kind of ['config', 'secret'] as const) {
    const current = new Set(
      trees.flatMap((tree) => Object.values(tree[`${kind}s`]).map(({ name }) => resolved(name, variables))),
    );
    const label = `label=com.docker.stack.namespace=${stack}`;
    const known = await docker.run([kind, 'ls', '--filter', label, '--format', '{{.Name}}']);
    for (const name of known.split('\n').filter((each) => each !== '' && !current.has(each))) {
      await docker.run([kind, 'rm', name]).catch((error: unknown) => {
        if (!(error instanceof DockerError) || !/in use by/i.test(error.message)) throw error;
      });
    }
  }
}
