import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DockerDaemon } from './daemon.ts';
import { run } from './program.ts';

/** Stand in for the images of the registry: the same Debian, the same programs. */
export const NODE_IMAGE = 'guaita-e2e/node';
export const MOSQUITTO_IMAGE = 'guaita-e2e/mosquitto';

const PACKAGES = [
  // What the Dockerfile would install.
  ...['fping', 'tini', 'libcap2-bin', 'mosquitto', 'mosquitto-clients', 'keepalived', 'iproute2'],
  // For hosts whose clock is wrong.
  'libfaketime',
];

/** As eclipse-mosquitto numbers its user. */
const MOSQUITTO_UID = 1883;

/**
 * Makes the images that docker-compose.yml and the Dockerfile begin with from Debian's packages and the Node.js of this
 * workspace, so that no registry of images is needed.
 *
 * @param folder for the root file system as an archive; one that was made before is used again
 */
export async function makeBaseImages(daemon: DockerDaemon, folder: string): Promise<void> {
  const archive = await baseArchive(folder);
  await daemon.docker('import', archive, NODE_IMAGE);
  const command = 'CMD ["mosquitto", "-c", "/mosquitto/config/mosquitto.conf"]';
  await daemon.docker('import', '--change', command, archive, MOSQUITTO_IMAGE);
}

/**
 * Makes the root file system of the base images, which takes a minute and Debian's packages.
 *
 * @param folder for it, as an archive; one that was made before is used again
 * @returns its path
 */
export async function baseArchive(folder: string): Promise<string> {
  const contents = createHash('sha256').update(`${PACKAGES.join()} ${process.version}`).digest('hex').slice(0, 12);
  const archive = join(folder, `base-${contents}.tar`);
  if (existsSync(archive)) return archive;
  const root = join(folder, `root-${process.pid}`);
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  await run('debootstrap', ['--variant=minbase', `--include=${PACKAGES.join(',')}`, 'bookworm', root]);
  await copyFile(process.execPath, join(root, 'usr/local/bin/node'));
  await chmod(join(root, 'usr/local/bin/node'), 0o755);
  for (const name of ['config', 'data']) {
    const owner = [`--owner=${MOSQUITTO_UID}`, `--group=${MOSQUITTO_UID}`];
    await run('install', ['-d', ...owner, join(root, 'mosquitto', name)]);
  }
  const unfinished = `${archive}.${process.pid}`;
  const left = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'];
  await run('tar', [
    ...['--create', `--file=${unfinished}`, '--one-file-system'],
    ...left.map((path) => `--exclude=./${path}/*`),
    ...['-C', root, '.'],
  ]);
  await rename(unfinished, archive);
  await rm(root, { recursive: true, force: true });
  return archive;
}
