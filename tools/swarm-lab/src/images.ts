import { bundle } from '@guaita/bundle';
import { makeBaseImage, NODE_IMAGE, run, type DockerDaemon } from '@guaita/lab/docker';
import { build } from 'esbuild';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const WORKSPACE = join(import.meta.dirname, '../../..');

/** What becomes an image each, by the one Dockerfile. */
export const APPS = ['assign', 'ping', 'snmp', 'alert', 'storage', 'serf-publisher', 'host'] as const;

/** Two versions that differ in their label: what an upgrade goes from and to. */
export const VERSIONS = ['latest', 'next'] as const;

/** The name of the image of AntidoteDB, or of what stands in for it. */
export const ANTIDOTE_IMAGE = 'guaita-e2e/antidote';
/** An archive of a real server's file system, as `docker export` writes it. */
const ANTIDOTE_ARCHIVE = process.env['GUAITA_ANTIDOTE_IMAGE_ARCHIVE'];

/** Which AntidoteDB the lab has. */
export const antidote = ANTIDOTE_ARCHIVE === undefined ? 'double' : 'real';

const DOUBLE = `ARG BASE
FROM \${BASE}
COPY antidote-double.mjs /opt/
RUN mkdir -p /antidote/bin /antidote-data && printf '#!/bin/sh\\nexec node /opt/antidote-double.mjs\\n' >/antidote/bin/antidote && chmod 755 /antidote/bin/antidote
ENTRYPOINT ["/antidote/bin/antidote"]
`;

/**
 * Builds every image of the stack at one host, by the Dockerfile as it is.
 *
 * @param folder for what goes into them
 * @param cache what is made of Debian's packages, kept from run to run
 * @returns the names of the images
 */
export async function buildImages(docker: DockerDaemon, folder: string, cache: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  await mkdir(cache, { recursive: true });
  const [images] = await Promise.all([
    makeBaseImage(docker, cache).then(() => buildAntidote(docker, join(folder, 'antidote'))),
    Promise.all(APPS.map((app) => bundle(app, join(folder, 'dist', app)))),
    ...['Dockerfile', '.dockerignore'].map((file) => cp(join(WORKSPACE, file), join(folder, file))),
  ]);
  const names = [images];
  for (const version of VERSIONS) {
    for (const app of APPS) {
      const name = `guaita/${app}:${version}`;
      const settings = { APP: app, BASE: NODE_IMAGE, BUNDLES: 'prebuilt', VERSION: version };
      const args = Object.entries(settings).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
      await docker.docker('build', '--quiet', ...args, '--tag', name, folder);
      names.push(name);
    }
  }
  return names;
}

async function buildAntidote(docker: DockerDaemon, folder: string): Promise<string> {
  if (ANTIDOTE_ARCHIVE !== undefined) {
    await docker.docker('import', ANTIDOTE_ARCHIVE, ANTIDOTE_IMAGE);
    return ANTIDOTE_IMAGE;
  }
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, 'antidote-double.ts')],
    outfile: join(folder, 'antidote-double.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  await writeFile(join(folder, 'Dockerfile'), DOUBLE);
  await docker.docker('build', '--quiet', '--build-arg', `BASE=${NODE_IMAGE}`, '--tag', ANTIDOTE_IMAGE, folder);
  return ANTIDOTE_IMAGE;
}

/** Brings images from one host's Docker to others', as no registry is there to do it. */
export async function copyImages(
  names: readonly string[],
  from: DockerDaemon,
  to: readonly DockerDaemon[],
  archive: string,
): Promise<void> {
  await from.docker('save', '--output', archive, ...names);
  await Promise.all(
    to.map((docker) => run('docker', ['load', '--quiet', '--input', archive], { env: docker.environment })),
  );
}
