import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, startMosquitto, tied, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { button, catcher, commandNode, deviceNode, flow, seen } from './flows.ts';
import { startNodeRed, type NodeRed } from './node-red.ts';
import { Spoken } from './spoken.ts';

const APPS = join(import.meta.dirname, '../../../apps');

let broker: Mosquitto;
let nodeRed: NodeRed;
let folder: string;
const services: ChildProcess[] = [];
let log = '';

/** One service of a monitor, as an image starts it. None of these sends anything but MQTT. */
function start(name: 'assign' | 'alert'): void {
  const flags = ['--monitor', 'pi-1', '--broker', broker.url, '--data', folder, '--http-port', '0'];
  const args = [join(APPS, name, 'src/main.ts'), ...flags];
  const child = tied(spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (log += text.toString()));
  services.push(child);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'services-'));
  [broker, nodeRed] = await Promise.all([startMosquitto(), startNodeRed()]);
  const listener = new Spoken(broker.url);
  await listener.start();
  const online = new Set<string>();
  await listener.wire.hear(channels.service, {}, ({ parameters, value }) => {
    if (value?.state === 'online') online.add(parameters.service);
  });
  start('assign');
  start('alert');
  await eventually(() => expect([...online].sort(), log).toEqual(['alert', 'assign']));
  await listener.stop();
}, 120_000);

afterAll(async () => {
  await nodeRed.stop();
  await Promise.all(services.map((service) => end(service, 'SIGTERM')));
  await broker.stop();
  await rm(folder, { recursive: true });
});

it('flows add, see, silence and remove a device of real services', async () => {
  const device = { device: 'cellar', name: 'Cellar switch', addresses: ['192.0.2.9'], tags: ['wired'] };
  await nodeRed.deploy(
    flow(
      { url: broker.url },
      button('add', 'command', { command: 'devices/add', payload: device }),
      button('quiet', 'command', { command: 'silence/add', payload: 'cellar' }),
      button('ack', 'command', { command: 'ack', payload: '00000000000000a1' }),
      button('remove', 'command', { command: 'devices/remove', payload: 'cellar' }),
      ...[commandNode('command', 'done'), seen('done'), catcher('catch', 'refused'), seen('refused', 'error.message')],
      ...[deviceNode('devices', 'states', 'none', { tags: 'wired', initial: true }), seen('states'), seen('none')],
    ),
  );
  const done = async (count: number): Promise<unknown> => {
    await eventually(() => expect(nodeRed.debug.get('done') ?? [], log).toHaveLength(count));
    return nodeRed.debug.get('done')?.at(-1);
  };
  await nodeRed.press('add');
  expect(await done(1)).toMatchObject({ ok: true, monitor: 'pi-1' });
  // Nobody pings here, so nobody can tell.
  await eventually(() => expect(nodeRed.debug.get('states'), log).toHaveLength(1));
  expect(nodeRed.debug.get('states')?.[0]).toMatchObject({ device: 'cellar', name: 'Cellar switch', state: 'unknown' });

  await nodeRed.press('quiet');
  expect(await done(2)).toMatchObject({ ok: true, silence: expect.any(String) });
  await nodeRed.press('ack');
  await eventually(() => expect(nodeRed.debug.get('refused'), log).toHaveLength(1));
  expect(nodeRed.debug.get('refused')?.[0]).toMatch(/refused: .*00000000000000a1/);
  await nodeRed.press('remove');
  await done(3);
  await eventually(() => expect(nodeRed.debug.get('states')?.[1], log).toMatchObject({ state: 'removed' }));
}, 150_000);
