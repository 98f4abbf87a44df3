import { run } from '@guaita/lab/docker';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LabHost } from './host.ts';
import { ANTIDOTE_IMAGE } from './images.ts';
import type { SwarmLab } from './lab.ts';

const WORKSPACE = join(import.meta.dirname, '../../..');
const GUAITA = join(WORKSPACE, 'apps/guaita/src/main.ts');

/** The name of the stack, with which those of its services begin. */
export const STACK = 'guaita';
/** The floating IP of the lab. */
export const FLOATING = '10.77.0.250';
/** A kernel may lack what IPsec needs. This is the one line of the stack that is another one in the lab. */
const ENCRYPTED = "driver_opts: { encrypted: 'true' }";

/** The folder of a deployment, made by `guaita deploy init`, and the stack that Docker makes of it. */
export class Deployment {
  readonly folder: string;
  readonly #lab: SwarmLab;

  constructor(lab: SwarmLab) {
    this.#lab = lab;
    this.folder = join(lab.folder, 'deploy');
  }

  /**
   * Makes the folder as a person does.
   *
   * @param files that take the place of the workspace's own: inventory, configuration
   */
  async init(files: Readonly<Record<string, string>>): Promise<void> {
    await cp(join(WORKSPACE, 'deploy'), this.folder, { recursive: true });
    const hosts = this.#lab.hosts.flatMap(({ name, address }) => ['--host', `${name}=${address}`]);
    const floating = ['--floating-ip', `${FLOATING}/24`, '--interface', 'eth0'];
    await run(process.execPath, [GUAITA, 'deploy', 'init', '--folder', this.folder, ...hosts, ...floating]);
    for (const [file, text] of Object.entries(files)) await writeFile(join(this.folder, file), text);
    const stack = join(this.folder, 'stack.yml');
    await writeFile(stack, unencrypted(await readFile(stack, 'utf8')));
  }

  /** `docker stack deploy`, with images that every host has already. */
  async deploy(version = 'latest'): Promise<void> {
    const env = {
      ...this.#lab.manager.docker.environment,
      GUAITA_VERSION: version,
      GUAITA_ANTIDOTE_IMAGE: ANTIDOTE_IMAGE,
    };
    const stack = ['--resolve-image', 'never', '--compose-file', join(this.folder, 'stack.yml')];
    await run('docker', ['stack', 'deploy', ...stack, STACK], { env });
  }

  /** Takes the stack away, and waits until no container of it is left. */
  async remove(): Promise<void> {
    await this.#lab.manager.docker.docker('stack', 'rm', STACK);
    const hosts = this.#lab.hosts.filter(({ docker }) => docker.runs);
    for (const host of hosts) {
      while ((await containers(host)) > 0) await pause(500);
    }
  }

  /** A password, or another file of the deployment's folder. */
  async secret(name: string): Promise<string> {
    return (await readFile(join(this.folder, 'secrets', name), 'utf8')).trim();
  }

  /** The certificate of the authority that signed those of all brokers. */
  authority(): Promise<string> {
    return readFile(join(this.folder, 'ca.pem'), 'utf8');
  }
}

/** @throws {Error} where the stack does not have the line any more: nothing is to be left out unseen. */
function unencrypted(stack: string): string {
  if (!stack.includes(ENCRYPTED)) throw new Error(`deploy/stack.yml has no line "${ENCRYPTED}" to leave out`);
  return stack.replace(ENCRYPTED, 'driver_opts: {}');
}

async function containers({ docker }: LabHost): Promise<number> {
  const ids = await docker.docker('ps', '--quiet', '--filter', `label=com.docker.stack.namespace=${STACK}`);
  return ids.split('\n').filter((id) => id !== '').length;
}
