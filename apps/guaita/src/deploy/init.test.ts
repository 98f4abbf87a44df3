import { ConfigError } from '@guaita/settings';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guaita } from '../commands/captured-output.testdata.ts';
import type { Person } from './ask.ts';
import { init, type InitResult } from './init.ts';
import type { SiteAnswers } from './site-text.ts';
import { readTemplates } from './templates.ts';

const THREE = new Map([1, 2, 3].map((n) => [`pi-${n}`, `192.168.1.1${n}`]));
const FLOATING = { address: '192.168.1.250/24', interface: 'eth0' };

let parent = '';
let folder = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'guaita-deploy-'));
  folder = join(parent, 'home');
});
afterEach(() => rm(parent, { recursive: true }));

async function initialise(given: SiteAnswers, person?: Person): Promise<InitResult> {
  return init({ folder, given, person, templates: await readTemplates(), now_ms: Date.now(), random: randomBytes });
}

async function everyFile(): Promise<Map<string, string>> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as const)));
}

const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

describe('guaita deploy init', () => {
  it('makes a folder with all that the stack is made of, which only its owner may enter', async () => {
    const { site } = await initialise({ hosts: THREE, floating_ip: FLOATING });
    expect(site.hosts.map(({ id }) => id)).toEqual(['pi-1', 'pi-2', 'pi-3']);
    const named = [...(await text('stack.yml')).matchAll(/file: \.\/(\S+),/g)].map(([, name]) => name ?? '');
    expect(named.length).toBeGreaterThan(15);
    for (const name of named) expect(await stat(join(folder, name))).toBeDefined();
    const mode = async (name: string): Promise<string> => ((await stat(join(folder, name))).mode & 0o777).toString(8);
    expect([await mode('.'), await mode('secrets'), await mode('secrets/ca.key'), await mode('secrets/ping')]).toEqual([
      ...['700', '700', '600', '644'],
    ]);
  });

  it('changes nothing when it is run again', async () => {
    await initialise({ hosts: THREE, floating_ip: FLOATING });
    const before = await everyFile();
    const { said } = await initialise({ hosts: new Map() });
    expect(said).toEqual([]);
    expect(await everyFile()).toEqual(before);
  });

  it('adds a host, and keeps what was written by hand', async () => {
    await initialise({ hosts: THREE });
    await writeFile(join(folder, 'site.yaml'), `${await text('site.yaml')}# mine\nports: { mqtt: 8884 }\n`);
    await writeFile(join(folder, 'config/ping.yaml'), 'ping: { anchors: [192.168.1.1] }\n');
    const { site, said } = await initialise({ hosts: new Map([['pi-4', '192.168.1.14']]) });
    expect(site).toMatchObject({ ports: { mqtt: 8884 } });
    expect(site.hosts).toHaveLength(4);
    expect(await text('site.yaml')).toContain('# mine');
    expect(await text('config/ping.yaml')).toContain('192.168.1.1');
    expect(said.join('\n')).toContain('peer-pi-4');
  });

  it('goes on with a folder that was made by half, and replaces files that are of the program', async () => {
    await mkdir(join(folder, 'secrets'), { recursive: true, mode: 0o755 });
    await writeFile(join(folder, 'secrets/ping'), 'kept');
    await writeFile(join(folder, 'stack.yml'), 'of another version');
    await initialise({ hosts: THREE });
    expect(await text('secrets/ping')).toBe('kept');
    expect(await text('stack.yml')).toContain('services:');
    expect((await stat(join(folder, 'secrets'))).mode & 0o777).toBe(0o700);
  });

  it('asks for what is missing, and again while an answer is none', async () => {
    const answers = ['At Home!', 'home', 'pi-1', 'pi-1=192.168.1.11', 'pi-2=192.168.1.11', 'pi-2 = 192.168.1.12', ''];
    answers.push('192.168.1.12/24', '', '192.168.1.250/24', '');
    const told: string[] = [];
    const person = { ask: async () => answers.shift() ?? '', tell: (line: string) => void told.push(line) };
    const { site } = await initialise({ hosts: new Map() }, person);
    expect(site).toMatchObject({
      site: 'home',
      hosts: [{ id: 'pi-1' }, { id: 'pi-2', address: '192.168.1.12' }],
      floating_ip: { address: '192.168.1.250', prefix: 24, interface: 'eth0' },
    });
    expect(answers).toEqual([]);
    expect(told.join('\n')).toContain('is the address of "pi-1" too');
    expect(told.join('\n')).toContain('"pi-1" is not NAME=ADDRESS');
  });

  it.each([
    ['a name that would be a key of YAML', 'x: y', 'hosts."x: y"'],
    ['a name with a newline', 'a\nfloating_ip: 1', 'unknown'],
    ['a name that leads elsewhere', '../../etc/passwd', ''],
    ['a name with commands', '$(reboot)', ''],
  ])('holds %s as one name and no more', async (_, name) => {
    const { site } = await initialise({ hosts: new Map([[name, '10.0.0.1']]) });
    expect(site.hosts).toHaveLength(1);
    expect(site.hosts[0]?.name).toBe(name);
    expect(site.hosts[0]?.id).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
    expect(site.floating_ip).toBeUndefined();
    expect(await readdir(parent)).toEqual(['home']);
  });

  it.each([
    ['no address', new Map([['pi-1', 'somewhere']])],
    ['no name', new Map([['¿?', '10.0.0.1']])],
  ])('writes nothing when a host has %s', async (_, hosts) => {
    await expect(initialise({ hosts })).rejects.toThrow(ConfigError);
    expect(await readdir(parent)).toEqual([]);
  });

  it('says of a folder that cannot be written which, why, and what to do', async () => {
    await writeFile(folder, 'a file');
    await expect(initialise({ hosts: THREE })).rejects.toThrow(
      /home\S* cannot be (read|made): .*name another folder with --folder/,
    );
  });

  it('leaves the folder as it was when what is there does not fit together', async () => {
    await initialise({ hosts: THREE });
    await chmod(join(folder, 'secrets/tls.json'), 0o644);
    await writeFile(join(folder, 'secrets/tls.json'), '{');
    const before = await everyFile();
    await expect(initialise({ hosts: new Map([['pi-4', '192.168.1.14']]) })).rejects.toThrow(
      'secrets/tls.json is torn',
    );
    expect(await everyFile()).toEqual(before);
  });

  it('is a command that says what it made, never a secret, and what is next', async () => {
    const { code, printed } = await guaita('deploy', 'init', '--folder', folder, '--host', 'pi-1=192.168.1.11');
    expect(code).toBe(0);
    expect(printed).toContain('made   secrets/ping: the password of the broker’s user ping');
    expect(printed).toContain(`guaita deploy up --folder ${folder}`);
    expect(printed).not.toContain(await text('secrets/ping'));
    const again = await guaita('deploy', 'init', '--folder', folder);
    expect(again.printed).toContain('all is there, nothing was changed');
  });

  it('is wrong usage without a host and without a terminal', async () => {
    expect((await guaita('deploy', 'init', '--folder', folder)).code).toBe(2);
    expect((await guaita('deploy', 'init', '--folder', folder, '--host', 'pi-1')).code).toBe(2);
    expect(await readdir(parent)).toEqual([]);
  });
});
