import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DockerDaemon } from './daemon.ts';
import { run } from './program.ts';

/** Stands in for the image of the registry: the same Debian, the same programs. */
export const NODE_IMAGE = 'guaita-e2e/node';

const PACKAGES = [
  // What the Dockerfile would install.
  ...['fping', 'tini', 'libcap2-bin', 'mosquitto', 'mosquitto-clients', 'keepalived', 'iproute2'],
  // For hosts whose clock is wrong.
  'libfaketime',
];

/**
 * Makes the image that the Dockerfile begins with from Debian's packages and the Node.js of this
 * workspace, so that no registry of images is needed.
 *
 * @param folder for the root file system as an archive; one that was made before is used again
 */
export async function makeBaseImage(daemon: DockerDaemon, folder: string): Promise<void> {
  const archive = await baseArchive(folder);
  await daemon.docker('import', archive, NODE_IMAGE);
}

/**
 * Makes the root file system of the base image, which takes a minute and Debian's packages.
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
