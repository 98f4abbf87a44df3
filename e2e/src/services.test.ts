import { startNamespace, startSerfAgent, systemProgram, type Namespace, type SerfAgent } from '@guaita/lab';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { flagged, GuaitaProcess, MAIN } from './guaita-process.ts';

/** What a namespace of the lab has to send from. */
const OWN = '192.0.2.1';
const KEY = 'planted-key-of-the-agents';
const BROKER = ['--broker', 'mqtt://127.0.0.1:1883'];

let namespace: Namespace;
let folder: string;
let running: GuaitaProcess[] = [];

beforeAll(async () => {
  namespace = await startNamespace({ networks: ['10.200.0.0/16'] });
});
afterAll(() => namespace.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guaita-services-'));
  await writeFile(join(folder, 'devices.yaml'), 'devices:\n  - { name: router, address: 10.200.0.1 }\n');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const guaita of running) await guaita.stop('SIGKILL');
  running = [];
  await rm(folder, { recursive: true });
});

/** A whole monitor, as a user starts it; it is ready for commands. */
async function startMonitor(...more: readonly string[]): Promise<GuaitaProcess> {
  const flags = flagged({ monitor: 'pi-1', devices: 'devices.yaml', 'http-port': '0' });
  const guaita = new GuaitaProcess(namespace, ['up', ...flags, ...more, '--json'], folder);
  running.push(guaita);
  await guaita.event({ event: 'service', monitor: 'pi-1', service: 'serf-publisher', state: 'online' });
  return guaita;
}

async function guaita(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return namespace.run(process.execPath, [MAIN, ...args]);
}

/** `type name address:port source` of what `guaita services` lists. */
async function listed(): Promise<string[]> {
  const { stdout } = await guaita('services', ...BROKER, '--json');
  const { services } = JSON.parse(stdout) as { services: Record<string, string>[] };
  return services.map(({ type, name, address, port, source }) => `${type} ${name} ${address}:${port} ${source}`);
}

describe('services of a whole monitor', { timeout: 240_000 }, () => {
  it('are announced, listed and taken back without any Serf, over a restart, too', async () => {
    const monitor = await startMonitor();
    const added = await guaita('services', 'add', 'http', 'wiki', '--port', '8080', '--txt', 'path=/', ...BROKER);
    expect(added).toEqual({ code: 0, stdout: 'service http/wiki is known (pi-1)\n', stderr: '' });
    await expect.poll(listed).toEqual([`http wiki ${OWN}:8080 announcements`]);
    expect(await monitor.stop()).toBe(0);

    const again = await startMonitor();
    await expect.poll(listed).toEqual([`http wiki ${OWN}:8080 announcements`]);
    expect(await guaita('services', 'remove', 'http', 'wiki', ...BROKER)).toMatchObject({ code: 0 });
    await expect.poll(listed).toEqual([]);
    const unknown = await guaita('services', 'remove', 'http', 'wiki', ...BROKER);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('was not announced here') });
    expect(await guaita('services', 'add', 'HTTP!', 'wiki', '--port', '80', ...BROKER)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('must be a type of service'),
    });
    expect(await again.stop()).toBe(0);
    expect(await guaita('services', ...BROKER)).toMatchObject({ code: 3 });
  });

  it('are told by the host’s name before it has a way to others, and by its address from then on', async () => {
    const ip = async (verb: 'add' | 'del'): Promise<void> => {
      await namespace.run('ip', ['-4', 'addr', verb, `${OWN}/32`, 'dev', 'lo']);
      await namespace.run('ip', [
        '-6',
        'addr',
        verb,
        '2001:db8::1/128',
        'dev',
        'lo',
        ...(verb === 'add' ? ['nodad'] : []),
      ]);
    };
    await ip('del');
    try {
      const monitor = await startMonitor();
      await guaita('services', 'add', 'http', 'wiki', '--port', '8080', ...BROKER);
      await expect.poll(listed).toEqual([`http wiki ${hostname()}:8080 announcements`]);
      await ip('add');
      await expect.poll(listed).toEqual([`http wiki ${OWN}:8080 announcements`]);
      expect(await guaita('services', 'remove', 'http', 'wiki', ...BROKER)).toMatchObject({ code: 0 });
      expect(await monitor.stop()).toBe(0);
    } finally {
      await ip('add');
    }
  });

  describe('beside a Serf agent', () => {
    let agents: readonly [SerfAgent, SerfAgent];
    beforeEach(async () => {
      const begin = (name: string): Promise<SerfAgent> =>
        startSerfAgent({
          name,
          authKey: KEY,
          spawn: (command, args) => namespace.spawn(command, args, { stdio: 'pipe' }),
        });
      agents = [await begin('pi-1'), await begin('pi-2')];
      await serf(1, 'join', agents[0].gossip);
      const file = join(folder, 'serf.key');
      await writeFile(file, `${KEY}\n`);
      vi.stubEnv('GUAITA_SERF_PUBLISHER_SERF_KEY_FILE', file);
    });
    afterEach(async () => {
      for (const agent of agents) await agent.stop();
    });

    /** What Serf's own command line says of an agent. */
    async function serf(agent: 0 | 1, command: string, ...args: readonly string[]): Promise<string> {
      const rpc = [`-rpc-addr=${agents[agent].rpc}`, `-rpc-auth=${KEY}`];
      return (await namespace.run(systemProgram('serf'), [command, ...rpc, ...args])).stdout;
    }

    /** What the other node reads in the tag, by other programs than ours. */
    async function readFar(): Promise<unknown> {
      const { members } = JSON.parse(await serf(1, 'members', '-format=json', '-name=pi-1')) as {
        members: { tags: Record<string, string> }[];
      };
      const tag = members[0]?.tags['services'];
      if (tag === undefined) return [];
      const { stdout } = await namespace.run('sh', ['-c', 'base64 -d | bunzip2'], tag);
      return (JSON.parse(stdout) as { s: string; i: string; p: string }[]).map(({ s, i, p }) => `${s} ${i}:${p}`);
    }

    it('reach other nodes, and theirs come here', async () => {
      const rpc = agents[0].rpc;
      const doctor = await guaita('doctor', '--json', '--serf', rpc);
      expect(JSON.parse(doctor.stdout)).toMatchObject({
        findings: expect.arrayContaining([
          { check: 'serf', level: 'ok', detail: `the agent at ${rpc} answers; of 2 members that it knows 2 are alive` },
        ]),
      });
      const monitor = await startMonitor('--serf', rpc);
      expect(await guaita('services', 'add', 'http', 'wiki', '--port', '8080', ...BROKER)).toMatchObject({ code: 0 });
      await expect.poll(readFar).toEqual([`http ${OWN}:8080`]);

      const radio = JSON.stringify([{ s: 'http', d: 'Radio', m: 'x', i: '10.200.0.9', p: '8000', e: 'y', t: '' }]);
      const packed = await namespace.run('sh', ['-c', 'bzip2 | base64 -w 0'], radio);
      await serf(1, 'tags', '-set', `services=${packed.stdout}`);
      await expect
        .poll(listed)
        .toEqual([expect.stringMatching(/^http \S+ 10\.200\.0\.9:8000 serf$/), `http wiki ${OWN}:8080 announcements`]);
      const { stdout } = await guaita('services', '--members', '--node', 'pi-2', ...BROKER);
      expect(stdout).toMatch(/^pi-2 +alive +\S+ +127\.0\.0\.1:\d+/m);

      await guaita('services', 'remove', 'http', 'wiki', ...BROKER);
      await expect.poll(readFar).toEqual([]);
      expect(await monitor.stop()).toBe(0);
      expect(monitor.errors + JSON.stringify(monitor.events)).not.toContain(KEY);
    });

    it('are announced all the same while it wants another key, which is said', async () => {
      vi.stubEnv('GUAITA_SERF_PUBLISHER_SERF_KEY_FILE', undefined);
      const monitor = await startMonitor('--serf', agents[0].rpc);
      await monitor.until(
        () => (/refuses: Authentication required/.test(monitor.errors) ? true : undefined),
        'what the agent says',
      );
      expect(await guaita('services', 'add', 'http', 'wiki', '--port', '8080', ...BROKER)).toMatchObject({ code: 0 });
      await expect.poll(listed).toEqual([`http wiki ${OWN}:8080 announcements`]);
    });
  });
});
