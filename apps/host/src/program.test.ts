import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authority } from '@guaita/lab';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ADDRESSES, makeSecrets } from './mosquitto/site-brokers.testdata.ts';
import { run } from './program.ts';

const SITE = `site: home\nhosts: ${JSON.stringify(
  Object.fromEntries(Object.entries(ADDRESSES).map(([name, address]) => [name, { address }])),
)}\n`;

let made: string;
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'host-secrets-'));
  await makeSecrets(join(made, 'secrets'), await Authority.make(made));
});
afterAll(() => rm(made, { recursive: true }));

/** All that the broker of a host of three needs. */
beforeEach(async () => {
  folder = await mkdtemp(join(made, 'host-'));
  for (const name of ['secrets', 'data', 'socket']) await mkdir(at(name));
  for (const name of ['users', 'peers', 'tls']) {
    await writeFile(at(`secrets/${name}`), await readFile(join(made, 'secrets', name)));
  }
  await writeFile(at('site.yaml'), SITE);
  await writeFile(at('ca.pem'), await readFile(join(made, 'authority.pem')));
});

/** What a person is shown, and the exit code. */
async function mosquitto(monitor: string | undefined = 'PI-1'): Promise<[code: number, complaint: string]> {
  const said: string[] = [];
  const flags = {
    ...{ site: at('site.yaml'), secrets: at('secrets'), authority: at('ca.pem') },
    ...{ socket: at('socket/m.sock'), data: at('data'), into: at('into') },
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const code = await run(['mosquitto', ...args], { GUAITA_MONITOR: monitor }, (text) => said.push(text));
  return [code, said.join('\n').replaceAll(`${folder}/`, '')];
}

describe('host mosquitto', () => {
  test('writes the configuration for its owner alone', async () => {
    expect(await mosquitto()).toEqual([0, '']);
    expect(await readdir(at('into'))).toEqual(['acl', 'certificate.pem', 'key.pem', 'mosquitto.conf']);
    for (const name of await readdir(at('into'))) expect((await stat(at(`into/${name}`))).mode & 0o777).toBe(0o600);
    expect((await stat(at('into'))).mode & 0o777).toBe(0o700);
    expect(await readFile(at('into/mosquitto.conf'), 'utf8')).toContain(`acl_file ${at('into/acl')}\n`);
  });

  test('writes it again at the next start, with what has changed', async () => {
    await mosquitto();
    await writeFile(at('site.yaml'), `${SITE}ports: { mqtt: 8884 }\n`);
    await mosquitto();
    expect(await readFile(at('into/mosquitto.conf'), 'utf8')).toContain('listener 8884\n');
  });

  test('of a host by itself needs no certificate, authority or peers', async () => {
    await writeFile(at('site.yaml'), 'site: home\nhosts: { pi-1: { address: 127.0.0.1 } }\n');
    for (const name of ['secrets/tls', 'secrets/peers', 'ca.pem']) await rm(at(name));
    expect(await mosquitto()).toEqual([0, '']);
    expect(await readdir(at('into'))).toEqual(['acl', 'mosquitto.conf']);
  });

  const DEPLOY = 'make it by "guaita deploy init", and deploy it';
  const VOLUME = 'mount a volume or tmpfs there that belongs to the user of this container';
  test.each<[what: string, breakIt: () => Promise<unknown>, complaint: string]>([
    [
      'no site.yaml',
      () => rm(at('site.yaml')),
      'cannot read site.yaml (ENOENT); mount the site.yaml of the site there',
    ],
    [
      'a bad site.yaml',
      () => writeFile(at('site.yaml'), 'site: home\nhost: {}'),
      'site.yaml:1 hosts: is missing; give a mapping\nsite.yaml:2 host: unknown key; did you mean "hosts"?',
    ],
    [
      'a host that is none of the site’s',
      () => writeFile(at('site.yaml'), SITE.replace('pi-1', 'pi-9')),
      'site home has no host "PI-1", only "pi-9", "pi-2", "pi-3"; add it to hosts in site.yaml, or correct the name there or at the host',
    ],
    ['no users', () => rm(at('secrets/users')), `cannot read secrets/users (ENOENT); ${DEPLOY}`],
    [
      'users without a peer',
      () => writeFile(at('secrets/users'), 'peer-pi-2:$7$…\n'),
      `secrets/users has no user peer-pi-3, by whom pi-3 comes in; ${DEPLOY}`,
    ],
    ['no certificates', () => rm(at('secrets/tls')), `cannot read secrets/tls (ENOENT); ${DEPLOY}`],
    [
      'no certificate of this host',
      () => writeFile(at('secrets/tls'), '{}'),
      `secrets/tls has no certificate for pi-1; ${DEPLOY}`,
    ],
    ['certificates that are no JSON', () => writeFile(at('secrets/tls'), '{'), `secrets/tls is not JSON; ${DEPLOY}`],
    [
      'certificates of another kind',
      () => writeFile(at('secrets/tls'), '{"pi-1":{"cert":"secret"}}'),
      `secrets/tls is not as expected at pi-1.cert; ${DEPLOY}`,
    ],
    [
      'a certificate that is none',
      () => writeFile(at('secrets/tls'), '{"pi-1":{"cert":"-----BEGIN x","key":"-----BEGIN x"}}'),
      `secrets/tls: the certificate of pi-1 or its key is not PEM; ${DEPLOY}`,
    ],
    [
      'the certificate of another host',
      () => exchange('pi-1', 'pi-2', ['cert', 'key']),
      `secrets/tls: the certificate of pi-1 is not for its address, 127.0.0.11; ${DEPLOY}`,
    ],
    [
      'the key of another host',
      () => exchange('pi-1', 'pi-2', ['key']),
      `secrets/tls: the certificate of pi-1 does not belong to its key; ${DEPLOY}`,
    ],
    [
      'no password at its peers',
      () => writeFile(at('secrets/peers'), '{}'),
      `secrets/peers has no password for pi-1; ${DEPLOY}`,
    ],
    ['no authority', () => rm(at('ca.pem')), 'cannot read ca.pem (ENOENT); mount the ca.pem of the site there'],
    ['no folder for its state', () => rm(at('data'), { recursive: true }), `cannot write in data (ENOENT); ${VOLUME}`],
    [
      'no folder for the socket',
      () => rm(at('socket'), { recursive: true }),
      `cannot write in socket (ENOENT); ${VOLUME}`,
    ],
    ['a file in the place of its folder', () => writeFile(at('into'), ''), `cannot write in into (EEXIST); ${VOLUME}`],
  ])('with %s says what to do, and shows no secret', async (_, breakIt, complaint) => {
    await breakIt();
    const [code, said] = await mosquitto();
    expect(said.replaceAll(folder, '')).toBe(complaint);
    expect(code).toBe(2);
  });

  test('without a name says which variable to set', async () => {
    expect(await mosquitto('')).toEqual([2, "GUAITA_MONITOR is not set; set it to this host's name in site.yaml"]);
  });
});

/** Gives a host what is another's. */
async function exchange(to: string, from: string, names: readonly string[]): Promise<void> {
  const all = JSON.parse(await readFile(at('secrets/tls'), 'utf8')) as Record<string, Record<string, string>>;
  const [mine = {}, others = {}] = [all[to], all[from]];
  for (const name of names) mine[name] = others[name] ?? '';
  await writeFile(at('secrets/tls'), JSON.stringify(all));
}
