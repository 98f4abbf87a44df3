import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assign } from '@guaita/assign';
import { serfPublisher } from '@guaita/serf-publisher';
import { ConfigError, problemText, sectionOf } from '@guaita/service';
import { peersSection } from '../peers/index.ts';
import { brokerSection } from '../sections.ts';
import { inventoryOf, loadUpConfig } from './up.ts';

let folder: string;
let home: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guaita-up-'));
  home = process.cwd();
  process.chdir(folder);
});
afterEach(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true });
});

const files = (options: Parameters<typeof loadUpConfig>[0] = {}): string[] =>
  inventoryOf(loadUpConfig(options)).map(({ file }) => file);

describe('what guaita up watches', () => {
  it('is the example where nothing is named and nothing is here', () => {
    expect(files()).toEqual([expect.stringMatching(/\/examples\/devices\.yaml$/)]);
  });

  it('is the devices.yaml that is here', async () => {
    await writeFile('devices.yaml', 'devices: []\n');
    expect(files()).toEqual(['devices.yaml']);
  });

  it('is what a flag or the configuration names, also while it is not there', async () => {
    expect(files({ devices: 'late.yaml' })).toEqual(['late.yaml']);
    await writeFile('guaita.yaml', 'assign: { devices: [zone.cnml] }\n');
    expect(files()).toEqual(['zone.cnml']);
  });
});

/** What is said of wrong flags. */
function problems(options: Parameters<typeof loadUpConfig>[0]): string[] {
  try {
    loadUpConfig(options);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(problemText);
  }
}

describe('the flags of guaita up', () => {
  it('say how many monitors watch a device, how the devices are shared, how many this one can bear, and which servers and agents it asks', () => {
    const config = loadUpConfig({
      monitorsPerDevice: '2',
      policy: 'pack',
      capacity: '500',
      antidote: 'a.lan:8087,[::1]:99',
      serf: '10.0.0.2:7373',
    });
    expect(sectionOf(config, assign)).toMatchObject({
      policy: { monitors_per_device: 2, snmp_per_device: 1, mode: 'pack' },
      ...{ capacity: 500, antidote: { addresses: ['a.lan:8087', '[::1]:99'] } },
    });
    expect(sectionOf(config, serfPublisher)).toMatchObject({ serf: { agent: '10.0.0.2:7373' } });
  });

  it('ask no Serf agent unless told so', () => {
    expect(sectionOf(loadUpConfig({}), serfPublisher).serf).toBeUndefined();
  });

  it('name the peers’ brokers, beside those of the configuration', async () => {
    await writeFile('guaita.yaml', 'peers: { attic: { url: "mqtts://attic.lan" } }\n');
    const config = loadUpConfig({ peer: 'mqtt://10.0.0.2:1883, mqtt://Pi-3.lan' });
    expect(sectionOf(config, peersSection)).toEqual({
      attic: { url: 'mqtts://attic.lan' },
      '10.0.0.2-1883': { url: 'mqtt://10.0.0.2:1883' },
      'pi-3.lan': { url: 'mqtt://Pi-3.lan' },
    });
  });

  it('let monitors reach each other by a key that they share', async () => {
    const key = 'a'.repeat(32);
    await writeFile('site.key', `${key}\n`);
    const config = loadUpConfig({ listen: '0.0.0.0', siteKey: 'site.key' });
    expect(sectionOf(config, brokerSection)).toMatchObject({ host: '0.0.0.0', site_key: key });
    expect(config.secrets).toContain(key);
    await writeFile('site.key', 'short');
    expect(problems({ siteKey: 'site.key' })).toEqual([expect.stringMatching(/^--site-key: is no key.*make one with/)]);
    expect(problems({ siteKey: 'none' })).toEqual([expect.stringMatching(/^--site-key: cannot read none: .*make it/)]);
  });

  it.each([
    [{ mqttPort: '2001', peer: 'mqtt://127.0.0.1:2001' }, '--peer: mqtt://127.0.0.1:2001'],
    [{ peer: 'mqtt://a.lan,mqtt://localhost' }, '--peer (address 2): mqtt://localhost'],
    [{ broker: 'mqtts://B.lan', peer: 'mqtts://b.lan:8883' }, '--peer: mqtts://b.lan:8883'],
    [
      { listen: '0.0.0.0', siteKey: 'site.key', mqttPort: '2001', peer: `mqtt://${hostname()}:2001` },
      `--peer: mqtt://${hostname()}:2001`,
    ],
  ])('refuse the own broker as a peer: %j', async (options, said) => {
    await writeFile('site.key', 'a'.repeat(32));
    expect(problems(options)).toEqual([
      `${said} is this monitor’s own broker; name the brokers of the other monitors only`,
    ]);
  });

  it('refuse to listen beyond this host where anybody could come in', () => {
    expect(problems({ listen: '0.0.0.0' })).toEqual([
      '--listen: the broker may not listen on 0.0.0.0 without users: anybody there could command this monitor; ' +
        'give it a site key (--site-key FILE) or users (broker.users), or leave it on 127.0.0.1',
    ]);
    expect(problems({ listen: '127.0.0.1' })).toEqual([]);
  });

  it('take another broker of this host, or another port, as a peer', () => {
    expect(problems({ mqttPort: '2001', peer: 'mqtt://127.0.0.1:2002' })).toEqual([]);
    expect(problems({ broker: 'mqtt://127.0.0.1:2001', peer: 'mqtt://10.0.0.2:2001' })).toEqual([]);
  });

  it('are refused with the flag, the cause and the mend', () => {
    const address =
      'is not a broker’s address; give one like "mqtt://127.0.0.1:1883", "mqtts://broker.lan:8883" or "mqtt+unix:///run/mosquitto.sock"';
    expect(problems({ peer: 'pi-2.lan:1883' })).toEqual([`--peer: ${address}`]);
    expect(problems({ peer: 'mqtt://a.lan,pi-2.lan:1883' })).toEqual([`--peer (address 2): ${address}`]);
    expect(problems({ antidote: 'a.lan:0' })).toEqual([
      '--antidote: "a.lan:0" is not the address of a server; write it as host:port, such as 127.0.0.1:8087',
    ]);
    expect(problems({ antidote: 'foo' })).toEqual([
      '--antidote: "foo" has no port; write it as host:port, such as 127.0.0.1:8087',
    ]);
    expect(problems({ serf: 'pi-1.lan:rpc' })).toEqual([
      '--serf: is not the address of an agent; give one like "127.0.0.1:7373"',
    ]);
    expect(problems({ policy: 'even' })).toEqual(['--policy: "even" is not known here; known are "spread", "pack"']);
    expect(problems({ capacity: '-1' })).toEqual(['--capacity: -1 is too small; give at least 0']);
    expect(problems({ monitorsPerDevice: '0' })).toEqual([expect.stringContaining('--monitors-per-device: ')]);
    expect(problems({ monitor: 'command' })).toEqual([
      '--monitor: "command" stands for what is entered by command, and cannot be the id of a monitor; give another',
    ]);
  });
});
