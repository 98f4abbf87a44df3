import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DockerDaemon } from './daemon.ts';
import { run } from './program.ts';

/** Stand in for the images of the registry: the same Debian, the same programs. */
export const NODE_IMAGE = 'guaita-e2e/node';
export const MOSQUITTO_IMAGE = 'guaita-e2e/mosquitto';

const PACKAGES = ['fping', 'tini', 'libcap2-bin', 'mosquitto', 'mosquitto-clients'];

/** As eclipse-mosquitto numbers its user. */
const MOSQUITTO_UID = 1883;

/**
 * Makes the images that docker-compose.yml begins with from Debian's packages and the Node.js of this workspace, so that
 * no registry of images is needed.
 *
 * @param folder for the root file system; one that was made before is used again
 */
export async function makeBaseImages(daemon: DockerDaemon, folder: string): Promise<void> {
  const root = join(folder, 'root');
  const made = await mkdir(root, { recursive: true });
  if (made !== undefined) {
    await run('debootstrap', ['--variant=minbase', `--include=${PACKAGES.join(',')}`, 'bookworm', root]);
    await copyFile(process.execPath, join(root, 'usr/local/bin/node'));
    await chmod(join(root, 'usr/local/bin/node'), 0o755);
    for (const name of ['config', 'data']) {
      await run('install', [
        '-d',
        `--owner=${MOSQUITTO_UID}`,
        `--group=${MOSQUITTO_UID}`,
        join(root, 'mosquitto', name),
      ]);
    }
  }
  const archive = join(folder, 'root.tar');
  await run('tar', [
    '--create',
    `--file=${archive}`,
    '--one-file-system',
    '--exclude=./var/cache/apt',
    '-C',
    root,
    '.',
  ]);
  await daemon.docker('import', archive, NODE_IMAGE);
  const command = 'CMD ["mosquitto", "-c", "/mosquitto/config/mosquitto.conf"]';
  await daemon.docker('import', '--change', command, archive, MOSQUITTO_IMAGE);
}
