import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { engineEntrance, isEngineUrl, mendOfEngine } from './engine-address.ts';

it.each([
  ['unix:///var/run/docker.sock', true],
  ['tcp://10.0.0.1:2375', true],
  ['http://[fd00::1]:2375', true],
  ['https://docker.lan', true],
  ['unix://', false],
  ['unix://host/path', false],
  ['/var/run/docker.sock', false],
  ['ssh://docker.lan', false],
  ['tcp://user:secret@docker.lan', false],
  ['', false],
])('takes %j for the address of an engine: %s', (text, isOne) => {
  expect(isEngineUrl(text)).toBe(isOne);
});

it.each([
  ['unix:///run/my%20docker.sock', { tls: false, options: { socketPath: '/run/my docker.sock' } }],
  ['tcp://10.0.0.1', { tls: false, options: { host: '10.0.0.1', port: '2375' } }],
  ['http://[fd00::1]:99', { tls: false, options: { host: 'fd00::1', port: '99' } }],
  ['https://docker.lan', { tls: true, options: { host: 'docker.lan', port: '2376' } }],
])('comes in at %s', async (url, entrance) => {
  expect(await engineEntrance({ url })).toMatchObject(entrance);
});

it('brings the certificates that are configured, as they are now', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  const file = (name: string): string => join(folder, name);
  const address = { url: 'https://docker.lan', ca_file: file('ca'), cert_file: file('cert'), key_file: file('key') };
  try {
    for (const round of ['old', 'new']) {
      for (const name of ['ca', 'cert', 'key']) await writeFile(file(name), `${round} ${name}`);
      const { options } = await engineEntrance(address);
      expect([options.ca, options.cert, options.key].map(String)).toEqual([
        `${round} ca`,
        `${round} cert`,
        `${round} key`,
      ]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('names the certificate that cannot be read', async () => {
  const address = { url: 'https://docker.lan', cert_file: '/nowhere/cert.pem' };
  await expect(engineEntrance(address)).rejects.toThrow('/nowhere/cert.pem');
});

it.each([
  [{ code: 'EACCES' }, 'let this user read and write unix:///d.sock, as the group docker may'],
  [{ code: 'ENOENT' }, 'start Docker there, or name the one that runs in serf-publisher.docker.url'],
  [{ status: 503 }, 'let serf-publisher ask a manager of the Swarm: only those know its services'],
  [{ status: 403 }, 'let it in: see serf-publisher.docker'],
  [{ status: 400 }, 'take a Docker engine of version 20.10 or later'],
  [{}, 'see that Docker is well there (docker info)'],
])('knows a mend for %j', (failure, mend) => {
  expect(mendOfEngine(failure, { url: 'unix:///d.sock' })).toBe(mend);
});
