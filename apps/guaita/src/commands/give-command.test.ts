import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MqttBus, Wire } from '@guaita/bus';
import { channels, type Reply } from '@guaita/messages';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EmbeddedBroker } from '../broker/index.ts';
import { guaita } from './captured-output.testdata.ts';

const IDS = Array.from({ length: 2_500 }, (_, n) => `d${n}`);
const DONE = { ok: true, monitor: 'pi-1' } as const;
const REFUSED = { ok: false, monitor: 'pi-1', problem: 'device "d1000" is not known' } as const;

let folder: string;
let broker: EmbeddedBroker;
let url: string;
const errors: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'give-command-'));
  const log = { debug: () => {}, info: () => {}, warn: () => {} };
  broker = new EmbeddedBroker({ port: 0, data: folder, monitor: 'pi-1', log });
  await broker.start();
  url = `mqtt://127.0.0.1:${broker.port}`;
  errors.length = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await broker.stop();
  await rm(folder, { recursive: true });
});

/** Removes 2,500 devices, three commands of 1,000 at most, which are answered in this order. */
async function remove(answers: readonly Reply[], ...flags: readonly string[]): ReturnType<typeof guaita> {
  const bus = new MqttBus({ url, clientId: 'pi-1', keepalive_s: 10, log: () => {} });
  const wire = new Wire(bus, () => {});
  await bus.start();
  const left = [...answers];
  await bus.subscribe(channels.removeDevices.filter(wire.base), (message) => {
    const answer = left.shift();
    if (answer !== undefined) wire.reply(message, answer);
  });
  const ran = await guaita('devices', 'remove', ...IDS, '--broker', url, ...flags);
  await bus.stop();
  return ran;
}

it('says how far several commands came when one is refused', async () => {
  expect(await remove([DONE, REFUSED])).toEqual({ code: 4, printed: '' });
  expect(errors.join('')).toBe(
    'device "d1000" is not known\n' +
      'done: 1000 (d0, d1, d2, d3, d4 and 995 more)\n' +
      'not done: 1500 (d1000, d1001, d1002, d1003, d1004 and 1495 more)\n',
  );
});

it('prints nothing of an answer that could take over a terminal', async () => {
  expect((await remove([{ ...REFUSED, problem: '\u001b[2Jno', remarks: ['\u009bA'] } as Reply])).code).toBe(1);
  const { printed } = await remove([DONE, DONE, { ...DONE, remarks: ['\u001b]0;mine\u0007'] }]);
  expect(errors.join('')).toMatch(/^\?\[2Jno\n/);
  expect(printed).toBe('2500 devices are removed (pi-1)\nnote: ?]0;mine?\n');
});

it('names all that is done and all that is not to programs', async () => {
  const { code, printed } = await remove([DONE, REFUSED], '--json');
  expect(code).toBe(4);
  expect(JSON.parse(printed)).toEqual({
    ...REFUSED,
    ...{ done: IDS.slice(0, 1000), unsure: [], not_done: IDS.slice(1000) },
  });
  expect(errors).toEqual([]);
});

it('is refused as a whole where the first command is', async () => {
  expect((await remove([REFUSED])).code).toBe(1);
});

it('is done as a whole where all commands are', async () => {
  expect(await remove([DONE, DONE, DONE])).toEqual({ code: 0, printed: '2500 devices are removed (pi-1)\n' });
});

it('says what is done and likely not meant so, and how many devices went with a monitor', async () => {
  const remarks = ['no live monitor may watch "d0" as placed'];
  const all = { code: 0, printed: `2500 devices are removed (pi-1)\nnote: ${remarks.join()}\n` };
  expect(await remove([DONE, { ...DONE, remarks }, DONE])).toEqual(all);
  const bus = new MqttBus({ url, clientId: 'pi-1', keepalive_s: 10, log: () => {} });
  const wire = new Wire(bus, () => {});
  await bus.start();
  await bus.subscribe(channels.forgetMonitor.filter(wire.base), (message) => {
    const { with_devices } = channels.forgetMonitor.decode(message.topic, message.payload);
    wire.reply(message, { ...DONE, devices_gone: with_devices ? 3 : 0 });
  });
  const forget = (...flags: readonly string[]) => guaita('monitors', 'forget', 'pi-2', '--broker', url, ...flags);
  expect((await forget()).printed).toBe('pi-2 is forgotten (pi-1)\n');
  expect((await forget('--with-devices')).printed).toBe('pi-2 is forgotten, and 3 devices with it (pi-1)\n');
  expect(JSON.parse((await forget('--with-devices', '--json')).printed)).toMatchObject({ ok: true, devices_gone: 3 });
  await bus.stop();
});

it('tells programs too that there is no broker, and that nothing is done', { timeout: 20_000 }, async () => {
  const { code, printed } = await guaita('devices', 'remove', 'd0', '--json', '--broker', 'mqtt://127.0.0.1:1');
  expect(code).toBe(3);
  expect(JSON.parse(printed)).toMatchObject({
    ...{ ok: false, problem: expect.stringContaining('start a monitor'), done: [], unsure: [], not_done: ['d0'] },
  });
});
