import { readSite } from '@guaita/site';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../doctor/finding.ts';
import { DockerError, type Docker } from '../docker.ts';
import { init } from '../init.ts';
import type { StackState, SwarmNode } from '../swarm.ts';
import { SwarmDouble } from '../swarm.testdata.ts';
import { readTemplates } from '../templates.ts';
import { checkDeployment } from './check.ts';
import { clockFindings } from './clocks.ts';
import { engineFindings, readEngine, type EngineInfo } from './engine.ts';
import { hostFindings } from './host.ts';
import { nodeFindings } from './nodes.ts';
import type { ThisHost } from './this-host.ts';

const SITE = readSite(`site: home
floating_ip: { address: 192.168.1.250/24, interface: eth0 }
hosts: { pi-1: { address: 192.168.1.11 }, pi-2: { address: 192.168.1.12 }, pi-3: { address: 192.168.1.13 } }`);

const told = (findings: readonly Finding[]): string[] => findings.map(({ level, detail }) => `${level}: ${detail}`);

describe('Docker and its Swarm', () => {
  const info = (change: object): string => JSON.stringify({ Name: 'pi-1', ServerVersion: '20.10.24+dfsg1', ...change });
  const engine = (answer: string): Promise<EngineInfo> => readEngine({ run: async () => answer });
  const swarm = { LocalNodeState: 'active', ControlAvailable: true };

  it.each([
    ['is all right', { Swarm: swarm }, ['ok: Docker 20.10.24+dfsg1 answers', 'ok: this host is a manager of a Swarm']],
    [
      'is too old',
      { ServerVersion: '19.03.1', Swarm: swarm },
      ['failure: Docker 19.03.1 is older than 20,10', 'ok: this host is a manager of a Swarm'],
    ],
    [
      'is in no Swarm',
      { Swarm: { LocalNodeState: 'inactive' } },
      ['ok: Docker 20.10.24+dfsg1 answers', 'failure: this host is in no Swarm (inactive)'],
    ],
    [
      'is a worker',
      { Swarm: { ...swarm, ControlAvailable: false } },
      ['ok: Docker 20.10.24+dfsg1 answers', 'failure: this host is a worker of the Swarm, no manager'],
    ],
  ])('%s', async (_, change, expected) => {
    expect(told(engineFindings(await engine(info(change))))).toEqual(
      expected.map((line) => line.replace('20,10', '20.10')),
    );
  });

  it('sets no limits of memory, as on a Raspberry Pi', async () => {
    const findings = engineFindings(await engine(info({ MemoryLimit: false, Swarm: swarm })));
    expect(findings.find(({ check }) => check === 'memory')?.mend).toContain('cgroup_enable=memory');
  });

  it.each([
    ['no JSON', 'hello'],
    ['an error inside of the answer', info({ ServerErrors: ['Cannot connect to the Docker daemon'] })],
  ])('answers with %s', async (_, answer) => {
    await expect(engine(answer)).rejects.toThrow(DockerError);
  });
});

describe('the nodes', () => {
  const node = (name: string, address: string, change: object = {}): SwarmNode => ({
    ID: name,
    Spec: { Role: 'manager', Availability: 'active', Labels: {} },
    Description: { Hostname: name, Platform: { Architecture: 'aarch64', OS: 'linux' } },
    Status: { State: 'ready', Addr: address, Message: '' },
    ManagerStatus: { Leader: false, Reachability: 'reachable', Addr: `${address}:2377` },
    ...change,
  });
  const [one, two, three] = [node('pi-1', '192.168.1.11'), node('pi-2', '192.168.1.12'), node('pi-3', '192.168.1.13')];
  const worker = { Spec: { Role: 'worker', Availability: 'active', Labels: {} }, ManagerStatus: null };

  it.each<[string, SwarmNode[], string[]]>([
    ['are the hosts', [one, two, three], ['ok: the 3 nodes of the Swarm are the site’s hosts, and are there']],
    [
      'lack one',
      [one, two],
      ['failure: pi-3 of site.yaml is no node of the Swarm', 'warning: 2 managers bear no more losses than 1'],
    ],
    [
      'are one too many',
      [one, two, three, node('pi-4', '192.168.1.14', worker)],
      ['failure: the Swarm’s node pi-4 is no host of site.yaml'],
    ],
    [
      'are one too many that is to be no monitor',
      [one, two, three, node('nas', '192.168.1.9', { ...worker, Spec: { ...worker.Spec, Labels: { guaita: 'off' } } })],
      ['ok: the 4 nodes of the Swarm are the site’s hosts, and are there'],
    ],
    [
      'have one twice',
      [one, two, three, node('PI-3', '192.168.1.13', worker)],
      ['failure: two nodes of the Swarm are called pi-3'],
    ],
    [
      'have one down',
      [
        one,
        two,
        node('pi-3', '192.168.1.13', { Status: { State: 'down', Addr: '192.168.1.13', Message: 'heartbeat failure' } }),
      ],
      ['failure: pi-3 is down (heartbeat failure)'],
    ],
    [
      'have one drained',
      [one, two, node('pi-3', '192.168.1.13', { Spec: { Role: 'manager', Availability: 'drain' } })],
      ['failure: pi-3 takes no containers (drain)'],
    ],
    [
      'have another address',
      [one, two, node('pi-3', '10.0.0.3')],
      ['warning: pi-3 is 192.168.1.13 in site.yaml, and 10.0.0.3 in the Swarm'],
    ],
    [
      'have one manager that nobody reaches',
      [
        one,
        two,
        node('pi-3', '192.168.1.13', { ManagerStatus: { Leader: false, Reachability: 'unreachable', Addr: '' } }),
      ],
      ['failure: the other managers do not reach pi-3'],
    ],
    [
      'have one manager alone',
      [one, node('pi-2', '192.168.1.12', worker), node('pi-3', '192.168.1.13', worker)],
      ['warning: with one manager the Swarm mends nothing while that host is away'],
    ],
  ])('%s', (_, nodes, expected) => {
    const findings = nodeFindings(SITE, nodes);
    expect(told(findings)).toEqual(expected);
    for (const { level, mend } of findings) if (level !== 'ok') expect(mend).toBeTruthy();
  });

  it('whose leader does not say where it is are believed', () => {
    const leader = node('pi-1', '0.0.0.0', {
      ManagerStatus: { Leader: true, Reachability: 'reachable', Addr: '192.168.1.11:2377' },
    });
    expect(told(nodeFindings(SITE, [leader, two, three]))[0]).toMatch(/^ok/);
  });

  it.each([
    ['agree', 2, 3_600, []],
    ['differ by an hour behind', 3_600, 3_700, ['warning: the clock of pi-1 seems 3600 s behind the Swarm’s leader']],
    [
      'differ by an hour ahead',
      -3_600,
      -3_500,
      ['warning: the clock of pi-1 seems 3500 s ahead of the Swarm’s leader'],
    ],
  ])('have clocks that %s', (_, ...differences_s) => {
    const expected = differences_s.pop() as string[];
    const tasks = (differences_s as number[]).map((seconds, n) => ({
      ...{
        ID: `${n}`,
        ServiceID: 's',
        NodeID: 'pi-1',
        DesiredState: 'running',
        CreatedAt: '',
        Spec: { ForceUpdate: 0 },
      },
      UpdatedAt: new Date(1e12 + seconds * 1000).toISOString(),
      Status: { State: 'running', Timestamp: new Date(1e12).toISOString(), Message: '', Err: '' },
    }));
    const state: StackState = { nodes: [one], services: [], tasks };
    expect(told(clockFindings(state)).filter((line) => !line.startsWith('ok'))).toEqual(expected);
  });
});

describe('this host', () => {
  const host = (change: Partial<ThisHost> = {}): ThisHost => ({
    name: 'pi-1',
    checkTime: async () => [{ check: 'time', level: 'ok', detail: 'the clock is kept by NTP' }],
    isFree: async () => true,
    exitOf: async (program) => (program === 'ping' ? 1 : 0),
    ...change,
  });

  it('has what it takes', async () => {
    expect(told(await hostFindings(host(), 'pi-1', SITE, false))).toEqual([
      ...[
        'ok: pi-1: the clock is kept by NTP',
        'ok: pi-1: ports 8883 and 7480 are free',
        'ok: nobody answers at 192.168.1.250 yet',
      ],
    ]);
  });

  it('has a port that is taken, no ESP, and a floating IP that somebody has', async () => {
    const amiss = host({
      isFree: async (port) => port !== 8883,
      exitOf: async (program) => (program === 'ping' ? 0 : 1),
    });
    expect(told(await hostFindings(amiss, 'pi-1', SITE, false)).slice(1)).toEqual([
      'failure: pi-1: port 8883 is taken',
      'warning: pi-1: this kernel has no ESP (module esp4), by which the network of AntidoteDB is encrypted',
      'failure: somebody has 192.168.1.250 already',
    ]);
  });

  it('is not asked for ports and the floating IP while the stack has them, nor where Docker is elsewhere', async () => {
    const taken = host({ isFree: async () => false, exitOf: async () => 0 });
    expect(told(await hostFindings(taken, 'pi-1', SITE, true))).toEqual(['ok: pi-1: the clock is kept by NTP']);
    expect(told(await hostFindings(taken, 'pi-9', SITE, false))).toEqual([
      'warning: Docker runs on pi-9, and this on pi-1: its clock, ports and kernel are not seen from here',
    ]);
  });
});

describe('a deployment', () => {
  const HOSTS = ['pi-1', 'pi-2', 'pi-3'];
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guaita-check-'));
    const hosts = new Map(HOSTS.map((name, n) => [name, `192.168.1.${11 + n}`]));
    await init({ folder, given: { hosts }, templates: await readTemplates(), now_ms: Date.now(), random: randomBytes });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const swarm = new SwarmDouble(HOSTS);
  const info = JSON.stringify({
    Name: 'pi-1',
    ServerVersion: '28.0.1',
    Swarm: { LocalNodeState: 'active', ControlAvailable: true },
  });
  /** What Docker says of images beside what the double knows. */
  function docker(image: (args: readonly string[]) => string | undefined): Docker {
    return {
      run: async (args, options) => {
        if (args[0] === 'info') return info;
        if (args[0] !== 'manifest' && args[0] !== 'image') return swarm.run(args, options);
        const answer = image(args);
        if (answer === undefined) throw new DockerError('no such manifest');
        return answer;
      },
    };
  }
  const host: ThisHost = {
    name: 'pi-1',
    checkTime: async () => [],
    isFree: async () => true,
    exitOf: async () => undefined,
  };
  const check = (by: Docker = docker(() => '{}'), days = 0): Promise<Finding[]> =>
    checkDeployment({
      ...{ folder, stack: 'guaita', environment: {}, docker: by, host, random: randomBytes },
      now_ms: Date.now() + days * 86_400_000,
    });
  const amiss = async (...given: Parameters<typeof check>): Promise<string[]> =>
    told((await check(...given)).filter(({ level }) => level !== 'ok'));

  it('has all that it needs', async () => {
    expect(await amiss()).toEqual([]);
  });

  it('lacks a secret', async () => {
    await rm(join(folder, 'secrets/ping'));
    expect((await amiss())[0]).toBe('failure: missing: secrets/ping: the password of the broker’s user ping');
  });

  it('has certificates that end', async () => {
    expect(await amiss(undefined, 780)).toEqual(
      HOSTS.map((name) => `warning: to be renewed: secrets/tls.json: the certificate of ${name}; it ends in 44 days`),
    );
  });

  it('has a site.yaml with a mistake, whatever Docker says', async () => {
    await writeFile(join(folder, 'site.yaml'), 'site: home\nhost: {}\n');
    const [first] = await amiss({
      run: async () => Promise.reject(new DockerError('there is no program docker here')),
    });
    expect(first).toContain('site.yaml:2 host: unknown key; did you mean "hosts"?');
  });

  it('has an inventory that no Swarm takes', async () => {
    await writeFile(join(folder, 'inventory/devices.yaml'), '#'.repeat(600_000));
    expect(await amiss()).toEqual([
      'failure: inventory/devices.yaml has 600000 bytes, and a Swarm takes 500000 at most',
    ]);
  });

  it('has images for another kind of processor, nowhere, or on this host alone', async () => {
    const others = JSON.stringify({ manifests: [{ platform: { architecture: 'arm64' } }] });
    const images = docker(([what, , last]) => {
      if (what === 'manifest') return last?.startsWith('antidotedb/') ? others : undefined;
      return last === undefined ? undefined : '';
    });
    expect(await amiss(images)).toEqual([
      'failure: antidotedb/antidote is not for amd64',
      expect.stringMatching(/^warning: \d images are from no registry/),
    ]);
    expect((await amiss(docker(() => undefined)))[0]).toMatch(
      /^failure: guaita\/\w+:latest is neither here nor in a registry/,
    );
  });
});
