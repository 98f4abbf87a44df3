import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceStates } from './convergence.ts';
import { readDeployment, type Deployment } from './deployment.ts';
import { init } from './init.ts';
import { removeOldInputs } from './old-inputs.ts';
import { renderDeployment } from './render.ts';
import { inOrder, renewInTurn, RolloutError, startAll, type Patience } from './rollout.ts';
import { stopAll } from './stop.ts';
import { SwarmDouble } from './swarm.testdata.ts';
import { readStack } from './swarm.ts';
import { readTemplates } from './templates.ts';

const HOSTS = ['pi-1', 'pi-2', 'pi-3'];

let folder = '';
let swarm: SwarmDouble;
let told: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guaita-rollout-'));
  swarm = new SwarmDouble(HOSTS);
  told = [];
  const hosts = new Map(HOSTS.map((name, n) => [name, `192.168.1.${11 + n}`]));
  await init({ folder, given: { hosts }, templates: await readTemplates(), now_ms: Date.now(), random: randomBytes });
});
afterEach(() => rm(folder, { recursive: true }));

/** Time that passes only while somebody waits. */
function patience(limit_ms = 600_000): Patience {
  let now_ms = 0;
  return {
    now: () => now_ms,
    sleep: async (ms) => void (now_ms += ms),
    tell: (line) => told.push(line),
    limit_ms,
  };
}

const deployment = (variables = {}): Promise<Deployment> => readDeployment(folder, 'guaita', variables);
const deployed = (): string[] => swarm.asked.filter((asked) => asked.startsWith('stack deploy'));

describe('a stack that is started', () => {
  it('is waited for until every service runs on every host, and its way there is told', async () => {
    await startAll(swarm, await deployment(), patience());
    const states = serviceStates(await readStack(swarm, 'guaita'), 'guaita');
    expect(states.length).toBeGreaterThan(8);
    for (const { converged, places } of states) {
      expect({ converged, hosts: places.map(({ host }) => host) }).toEqual({ converged: true, hosts: HOSTS });
    }
    expect(told).toContain('ping            0 of 3 …');
    expect(told).toContain('ping            3 of 3 run');
  });

  it('is said by host and cause where it does not run in time', async () => {
    swarm.broken.set('guaita_ping', 'No such image: guaita/ping:latest');
    const error = await startAll(swarm, await deployment(), patience(30_000)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RolloutError);
    expect((error as Error).message).toMatch(/^not everything runs after 30 s/);
    expect((error as Error).message).toContain(
      'ping at pi-1: preparing: No such image: guaita/ping:latest; bring guaita/ping:latest there (docker load)',
    );
    expect((error as Error).message).not.toContain('snmp at');
  });

  it('asks no registry for images that come from none', async () => {
    await startAll(swarm, await deployment(), patience());
    expect(deployed()[0]).toContain('--resolve-image never');
    await startAll(swarm, await deployment({ GUAITA_IMAGE_PREFIX: 'registry.lan/guaita' }), patience());
    expect(deployed()[1]).toContain('--resolve-image always');
  });
});

describe('a stack that is renewed', () => {
  it('changes one service after the other and never has two hosts away at a time', async () => {
    await startAll(swarm, await deployment(), patience());
    swarm.mostAway = 0;
    await renewInTurn(swarm, await deployment({ GUAITA_VERSION: '2' }), patience());
    expect(swarm.mostAway).toBe(1);
    const images = serviceStates(await readStack(swarm, 'guaita'), 'guaita').map(({ image }) => image);
    expect(images.filter((image) => image.startsWith('guaita/')).every((image) => image.endsWith(':2'))).toBe(true);
  });

  it('stops at the first service that the Swarm takes back, and leaves the others as they were', async () => {
    await startAll(swarm, await deployment(), patience());
    swarm.broken.set('guaita_assign', 'task: non-zero exit (1)');
    const renewal = renewInTurn(swarm, await deployment({ GUAITA_VERSION: '2' }), patience());
    await expect(renewal).rejects.toThrow(
      /^assign: the Swarm gave up: as the double has it; at pi-1: task: non-zero exit \(1\)\n {2}assign at pi-1: .*docker service logs/,
    );
    const images = new Map(
      serviceStates(await readStack(swarm, 'guaita'), 'guaita').map((state) => [state.service, state.image]),
    );
    expect(images.get('mosquitto')).toBe('guaita/host:2');
    expect(images.get('ping')).toBe('guaita/ping:latest');
  });

  it('touches nothing that has not changed, and of settings only who has them', async () => {
    await startAll(swarm, await deployment(), patience());
    const before = await readStack(swarm, 'guaita');
    await renewInTurn(swarm, await deployment(), patience());
    expect((await readStack(swarm, 'guaita')).tasks).toEqual(before.tasks);
    await writeFile(join(folder, 'config/ping.yaml'), 'ping: { anchors: [192.168.1.1] }\n');
    await renewInTurn(swarm, await deployment(), patience());
    const renewed = (await readStack(swarm, 'guaita')).tasks.filter(
      ({ ID }) => !before.tasks.some((task) => task.ID === ID),
    );
    expect(new Set(renewed.map(({ ServiceID }) => ServiceID))).toEqual(new Set(['guaita_ping']));
  });

  it('leaves no settings and secrets of earlier contents behind, and keeps what is in use', async () => {
    await startAll(swarm, await deployment(), patience());
    const first = swarm.inputs.config.size;
    await writeFile(join(folder, 'config/ping.yaml'), 'ping: { anchors: [192.168.1.1] }\n');
    const changed = await deployment();
    await renewInTurn(swarm, changed, patience());
    expect(swarm.inputs.config.size).toBe(first + 1);
    await removeOldInputs(swarm, changed);
    expect(swarm.inputs.config.size).toBe(first);
    await writeFile(join(folder, 'config/ping.yaml'), '# not deployed yet\n');
    await removeOldInputs(swarm, await deployment());
    expect(swarm.inputs.config.size).toBe(first);
  });

  it('begins with what others stand on, and ends with what moves the floating IP', () => {
    expect(inOrder(['keepalived', 'node-red', 'ping', 'mosquitto', 'antidote'])).toEqual([
      ...['antidote', 'mosquitto', 'ping', 'node-red', 'keepalived'],
    ]);
  });
});

it('a stack that is taken away is waited for', async () => {
  await startAll(swarm, await deployment(), patience());
  await stopAll(swarm, 'guaita', patience());
  expect((await readStack(swarm, 'guaita')).services).toEqual([]);
});

it('what runs is shown by service and host, with what is amiss and without control characters', async () => {
  swarm.broken.set('guaita_ping', 'bad \u001b[31m');
  await startAll(swarm, await deployment(), patience(5_000)).catch(() => undefined);
  const lines = renderDeployment(serviceStates(await readStack(swarm, 'guaita'), 'guaita'), { why: 'refused' });
  expect(lines[0]).toMatch(/^service +pi-1 +pi-2 +pi-3$/);
  expect(lines.join('\n')).toMatch(/^snmp +running +running +running$/m);
  expect(lines).toContain('trouble: ping at pi-1: bad ?[31m');
  expect(lines.at(-1)).toBe('no broker answers, so nothing is known of the monitors: refused');
});

describe('a folder', () => {
  it.each([
    ['site.yaml', 'lacks site.yaml; run guaita deploy init'],
    ['stack.yml', 'lacks stack.yml; run'],
    ['secrets/users', 'lacks secrets/users; run'],
  ])('without %s is not deployed', async (file, message) => {
    await rm(join(folder, file));
    await expect(deployment()).rejects.toThrow(message);
  });

  it('takes overlays and settings from stack.env, and the environment before these', async () => {
    await writeFile(join(folder, 'stack.env'), '# mine\nGUAITA_OVERLAYS=node-red\nexport GUAITA_VERSION="3"\n');
    const { files, variables } = await deployment({ GUAITA_VERSION: '4' });
    expect([...files.keys()]).toEqual(['stack.yml', 'stack.node-red.yml']);
    expect(variables).toMatchObject({ GUAITA_VERSION: '4', GUAITA_SITE: 'home', GUAITA_PAGE_PORT: '7480' });
    await writeFile(join(folder, 'stack.env'), 'GUAITA_OVERLAYS=../../etc/x\n');
    await expect(deployment()).rejects.toThrow('GUAITA_OVERLAYS names "../../etc/x", which is none');
  });
});
