import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DockerError, dockerClient } from './docker.ts';

describe('Docker’s client', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guaita-docker-'));
    vi.stubEnv('PATH', folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  /** A program of this name that does what the script says. */
  async function stand(script: string): Promise<void> {
    await writeFile(join(folder, 'docker'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'docker'), 0o755);
  }

  it('gives what it prints, and takes variables and input', async () => {
    await stand('read line; echo "$1 $VARIABLE $line"');
    expect(await dockerClient.run(['info'], { env: { VARIABLE: 'x y' }, input: 'said\n' })).toBe('info x y said\n');
  });

  it('that is not there is said, with what to do', async () => {
    await expect(dockerClient.run(['info'])).rejects.toThrow(/^there is no program docker here; install it/);
  });

  it.each([
    ['Cannot connect to the Docker daemon at unix:///x.', /systemctl start docker$/],
    ['permission denied while trying to connect to the Docker daemon socket', /a user of the group docker$/],
    ['Error response from daemon: This node is not a swarm manager.', /run this at one of its managers$/],
    ['something else', /^docker stack deploy: something else$/],
  ])('that fails with %s is told with what to do', async (said, message) => {
    await stand(`echo '${said}' >&2; exit 1`);
    const failure = dockerClient.run(['stack', 'deploy', '-c', 'x']);
    await expect(failure).rejects.toThrow(DockerError);
    await expect(failure).rejects.toThrow(message);
  });
});
