import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Deployment } from './deployment.ts';
import type { Docker } from './docker.ts';

/** Compose files are YAML 1.1, in which 0400 is a number of base 8. */
const YAML = { version: '1.1', merge: true } as const;

interface StackTree {
  services?: Record<string, unknown>;
  configs?: Record<string, { file?: string }>;
  secrets?: Record<string, { file?: string }>;
}

/**
 * Hands a stack to the Swarm, which goes on by itself from there.
 *
 * @param only one service alone: the others stay as they are. Without it all, and what the stack no longer has goes.
 * @throws {DockerError}
 */
export async function deployStack(docker: Docker, deployment: Deployment, only?: string): Promise<void> {
  const { folder, stack, files, variables } = deployment;
  const temporary = await mkdtemp(join(tmpdir(), 'guaita-deploy-'));
  try {
    const written: string[] = [];
    for (const [name, text] of files) {
      const part = stackFile(text, folder, only);
      if (part === undefined) continue;
      await writeFile(join(temporary, name), part);
      written.push(join(temporary, name));
    }
    await docker.run(
      [
        ...['stack', 'deploy', '--with-registry-auth', '--resolve-image', resolveImage(variables)],
        ...(only === undefined ? ['--prune'] : []),
        ...written.flatMap((file) => ['--compose-file', file]),
        stack,
      ],
      { env: variables },
    );
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The services of a deployment, by their files. */
export function servicesOf({ files }: Deployment): string[] {
  return [
    ...new Set([...files.values()].flatMap((text) => Object.keys((parse(text, YAML) as StackTree).services ?? {}))),
  ];
}

/** A stack's file with one service alone, if it has it, and with its files where they are, wherever it is read from. */
export function stackFile(text: string, folder: string, only?: string): string | undefined {
  const tree = parse(text, YAML) as StackTree;
  if (only !== undefined && tree.services !== undefined) {
    const service = tree.services[only];
    if (service === undefined) return undefined;
    tree.services = { [only]: service };
  }
  for (const entry of [...Object.values(tree.configs ?? {}), ...Object.values(tree.secrets ?? {})]) {
    if (entry.file !== undefined) entry.file = resolve(folder, entry.file);
  }
  return stringify(tree, { ...YAML, aliasDuplicateObjects: false });
}

/** Images that come from no registry are on the hosts already: asking for them would only take its time. */
function resolveImage(variables: Readonly<Record<string, string>>): string {
  return variables['GUAITA_RESOLVE_IMAGE'] ?? (variables['GUAITA_IMAGE_PREFIX'] === undefined ? 'never' : 'always');
}
