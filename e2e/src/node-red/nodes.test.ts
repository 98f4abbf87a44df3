import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { alertNode, button, catcher, commandNode, deviceNode, flow, historyNode, seen } from './flows.ts';
import { startNodeRed, type NodeRed } from './node-red.ts';
import { alertOn, Spoken } from './spoken.ts';

const TEST_ms = 60_000;

let broker: Mosquitto;
let nodeRed: NodeRed;
let monitor: Spoken;

beforeAll(async () => {
  [broker, nodeRed] = await Promise.all([startMosquitto(), startNodeRed()]);
  monitor = new Spoken(broker.url);
  await monitor.start();
}, 120_000);

afterEach(() => expect(nodeRed.isRunning, nodeRed.log).toBe(true));

afterAll(async () => {
  await Promise.all([monitor.stop(), nodeRed.stop()]);
  await broker.stop();
});

/** Waits until nodes show a green dot. */
async function connected(...nodes: string[]): Promise<void> {
  await eventually(() => {
    for (const node of nodes) expect(nodeRed.dots.get(node)).toMatchObject({ fill: 'green', text: 'connected' });
  });
}

/** Waits until a debug node has shown so many messages, and gives them. */
async function shown<Shown = Record<string, unknown>>(node: string, count: number): Promise<Shown[]> {
  await eventually(() => expect(nodeRed.debug.get(node) ?? []).toHaveLength(count));
  return nodeRed.debug.get(node) as Shown[];
}

it('the package loads, all nodes of it', async () => {
  const nodes = JSON.parse(await nodeRed.get('/nodes')) as {
    module: string;
    types: string[];
    err?: string;
    local: boolean;
  }[];
  const ours = nodes.filter(({ module }) => module === '@guaita/node-red');
  expect(ours).toHaveLength(1);
  expect(ours[0]).toMatchObject({ local: true, enabled: true });
  expect(ours[0]?.err).toBeUndefined();
  expect(ours[0]?.types.sort()).toEqual(
    ['alert', 'broker', 'calendar', 'command', 'device', 'history'].map((name) => `guaita-${name}`),
  );
});

describe('guaita alert', () => {
  it(
    'sends alerts as they came, with fields that it does not know',
    async () => {
      await nodeRed.deploy(flow({ url: broker.url }, alertNode('alerts', 'out'), seen('out', 'true')));
      await connected('alerts');
      const newer = { ...alertOn('gateway'), kind: 'a-kind-of-tomorrow', unheard_of: { of: 1 } };
      const topic = channels.alert.topic('guaita', { severity: 'critical', subject: 'gateway' });
      monitor.wire.bus.publish({ topic, payload: JSON.stringify(newer), qos: 1, retain: false });
      const [message] = await shown('out', 1);
      expect(message).toMatchObject({ topic: 'guaita/alert/critical/gateway', payload: newer });
    },
    TEST_ms,
  );

  it(
    'sends only what its dialog chooses',
    async () => {
      const chosen = { severities: 'critical, warning', kinds: 'down', tags: 'wifi', phase: 'begin' };
      await nodeRed.deploy(flow({ url: broker.url }, alertNode('alerts', 'out', chosen), seen('out')));
      await connected('alerts');
      const tags = ['attic', 'wifi'];
      monitor.alert(alertOn('other-severity', { tags, severity: 'info' }));
      monitor.alert(alertOn('other-kind', { tags, kind: 'flapping' }));
      monitor.alert(alertOn('other-tag'));
      monitor.alert(alertOn('over', { tags, resolves: true }));
      monitor.alert(alertOn('chosen', { tags }));
      expect(await shown('out', 1)).toEqual([expect.objectContaining({ subject: 'chosen' })]);
    },
    TEST_ms,
  );

  it(
    'also sends what is open already, once, where that is wanted',
    async () => {
      const open = alertOn('gateway', { id: '00000000000000b2' });
      monitor.wire.say(channels.openAlert, { alert: open.id }, open);
      const silenced = { silence: 's-1', by: 'ada', why: 'a test', until: '2026-11-23T22:00:00.000Z' };
      const quiet = alertOn('cellar', { id: '00000000000000b4', silenced });
      monitor.wire.say(channels.openAlert, { alert: quiet.id }, quiet);
      await monitor.wire.bus.flushed();
      const nodes = [alertNode('alerts', 'out', { open: true }), seen('out'), alertNode('news', 'no'), seen('no')];
      await nodeRed.deploy(flow({ url: broker.url }, ...nodes));
      await connected('alerts', 'news');
      expect(await shown('out', 1)).toEqual([open]);
      // A new one is said on both topics.
      const next = alertOn('attic-ap', { id: '00000000000000b3' });
      monitor.alert(next);
      monitor.wire.say(channels.openAlert, { alert: next.id }, next);
      expect(await shown('out', 2)).toEqual([open, next]);
      expect(await shown('no', 1)).toEqual([next]);
      for (const alert of [open.id, next.id, quiet.id]) monitor.wire.clear(channels.openAlert, { alert });
    },
    TEST_ms,
  );
});

describe('guaita device', () => {
  it(
    'sends changes of state, and tells current states when it is asked',
    async () => {
      monitor.device('gateway', 'up', { tags: ['backbone'] });
      monitor.device('attic-ap', 'up', { tags: ['wifi'] });
      await monitor.wire.bus.flushed();
      const nodes = [deviceNode('devices', 'changes', 'answers'), seen('changes', 'true'), seen('answers', 'true')];
      const asking = [button('one', 'devices', { device: 'attic-ap', _mine: 7 }), button('all', 'devices')];
      const errors = [
        button('none', 'devices', { device: 'cellar' }),
        catcher('catch', 'errors'),
        seen('errors', 'error'),
      ];
      await nodeRed.deploy(flow({ url: broker.url }, ...nodes, ...asking, ...errors));
      await connected('devices');
      await eventually(async () => {
        await nodeRed.press('all');
        expect(nodeRed.debug.get('answers')?.at(-1)).toMatchObject({
          payload: [{ device: 'attic-ap' }, { device: 'gateway' }],
        });
      });
      expect(nodeRed.debug.get('changes')).toBeUndefined();

      monitor.device('attic-ap', 'down', { tags: ['wifi'] });
      const [change] = await shown('changes', 1);
      expect(change).toMatchObject({ topic: 'guaita/device/attic-ap/state' });
      expect(change?.['payload']).toMatchObject({
        ...{
          device: 'attic-ap',
          name: 'ATTIC-AP',
          tags: ['wifi'],
          state: 'down',
          previous: 'up',
          reason: 'it is down',
        },
      });

      nodeRed.debug.delete('answers');
      await nodeRed.press('one');
      expect(await shown('answers', 1)).toMatchObject([
        { payload: { device: 'attic-ap', state: 'down' }, connected: true, _mine: 7 },
      ]);
      await nodeRed.press('none');
      expect(JSON.stringify(await shown('errors', 1))).toContain('nothing is known of device cellar');

      monitor.wire.clear(channels.state, { device: 'attic-ap' });
      monitor.wire.clear(channels.spec, { device: 'attic-ap' });
      expect((await shown('changes', 2))[1]?.['payload']).toMatchObject({ state: 'removed', previous: 'down' });
    },
    TEST_ms,
  );

  it(
    'sends what has changed while the broker was away',
    async () => {
      const other = await startMosquitto({ persistence: true });
      const there = new Spoken(other.url);
      try {
        await there.start();
        there.device('gateway', 'up');
        await there.wire.bus.flushed();
        const nodes = [
          deviceNode('devices', 'changes', 'answers', { devices: 'gateway', initial: true }),
          seen('changes'),
          seen('answers'),
        ];
        await nodeRed.deploy(flow({ url: other.url }, ...nodes));
        expect(await shown('changes', 1)).toMatchObject([{ device: 'gateway', state: 'up' }]);
        await other.halt();
        await eventually(() => expect(nodeRed.dots.get('devices')?.fill).toBe('red'));
        there.device('gateway', 'down');
        await other.start();
        expect((await shown('changes', 2))[1]).toMatchObject({ device: 'gateway', state: 'down', previous: 'up' });
        await connected('devices');
      } finally {
        await there.stop();
        await other.stop();
      }
    },
    TEST_ms,
  );
});

describe('guaita command', () => {
  it.each([
    ['silence/add', ['gateway'], { by: 'ada', why: 'a test', for_s: 3600, devices: ['gateway'] }],
    ['silence/remove', 'calendar-7', { silences: ['calendar-7'] }],
    ['ack', alertOn('gateway'), { by: 'ada', why: 'a test', alert: '00000000000000a1' }],
    ['probe', 'gateway attic-ap', { devices: ['gateway', 'attic-ap'] }],
    [
      'devices/add',
      { device: 'cellar', addresses: ['192.0.2.9'] },
      { devices: [{ device: 'cellar', addresses: ['192.0.2.9'] }] },
    ],
    ['devices/remove', ['cellar'], { devices: ['cellar'] }],
  ])(
    'gives %s and sends the answer',
    async (verb, payload, command) => {
      const given = await monitor.answer(() => ({ ok: true, monitor: 'pi-1', remarks: [`did ${verb}`] }));
      const nodes = [
        button('press', 'command', { payload, kept: 1 }),
        commandNode('command', 'out', { verb }),
        seen('out', 'true'),
      ];
      await nodeRed.deploy(flow({ url: broker.url }, ...nodes));
      await nodeRed.press('press');
      const [message] = await shown('out', 1);
      expect(given).toEqual([[verb, command]]);
      expect(message).toMatchObject({ payload: { ok: true, monitor: 'pi-1' }, given: command, command: verb, kept: 1 });
    },
    TEST_ms,
  );

  it(
    'makes an error of a refusal, of silence, and of a message that says too little',
    async () => {
      await monitor.answer((verb) =>
        verb === 'ack' ? { ok: false, monitor: 'pi-1', problem: 'no such alert' } : undefined,
      );
      const nodes = [
        ...[
          button('refused', 'command', { payload: 'a1', command: 'ack' }),
          button('unheard', 'command', { payload: 'gateway' }),
        ],
        ...[button('empty', 'command', { payload: 7 }), button('odd', 'command', { command: 'reboot' })],
        ...[
          commandNode('command', 'out', { timeout: 1 }),
          seen('out'),
          catcher('catch', 'errors'),
          seen('errors', 'error.message'),
        ],
      ];
      await nodeRed.deploy(flow({ url: broker.url }, ...nodes));
      await connected('command');
      for (const each of ['refused', 'empty', 'odd', 'unheard']) await nodeRed.press(each);
      const errors = await shown<string>('errors', 4);
      expect(errors).toEqual(
        expect.arrayContaining([
          expect.stringContaining('refused: no such alert'),
          expect.stringMatching(/nobody on mqtt:.* answered guaita\/command\/silence\/add within 1 s/),
          expect.stringContaining('msg.payload is 7: give ids of devices, an alert'),
          expect.stringContaining('no command is called "reboot": there are silence/add'),
        ]),
      );
      expect(nodeRed.debug.get('out')).toBeUndefined();
    },
    TEST_ms,
  );
});

describe('guaita history', () => {
  it(
    'asks on its topic and sends the answer as it came',
    async () => {
      const rows = [{ at: '2026-11-22T22:41:25.000Z', loss_percent: 0 }];
      const given = await monitor.answer(() => undefined);
      await monitor.wire.bus.subscribe('guaita/command/history/query', ({ responseTopic = '' }) => {
        monitor.wire.bus.publish({ topic: responseTopic, payload: JSON.stringify({ rows }), qos: 1, retain: false });
      });
      const nodes = [
        button('press', 'history', { payload: { device: 'gateway', limit: 1 } }),
        historyNode('history', 'out'),
        seen('out'),
      ];
      await nodeRed.deploy(flow({ url: broker.url }, ...nodes));
      await nodeRed.press('press');
      expect(await shown('out', 1)).toEqual([{ rows }]);
      expect(given).toEqual([
        ['history/query', expect.objectContaining({ device: 'gateway', kind: 'ping', limit: 1 })],
      ]);
    },
    TEST_ms,
  );
});
