import type { Ran } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inventory, NO_DEVICES, Stage } from './stage.ts';

const MONITORS = ['pi-1', 'pi-2', 'pi-3'] as const;
type Monitor = (typeof MONITORS)[number];
const PORTS: Readonly<Record<Monitor, number>> = { 'pi-1': 1901, 'pi-2': 1902, 'pi-3': 1903 };
/** What was to be said would have been by then: a verdict is gathered for a tenth of a second. */
const QUIET_ms = 3_000;

let stage: Stage;
/** Alerts and their ends as a stranger hears them at each broker: `ap down`, `ap up`. */
const said: Record<Monitor, string[]> = { 'pi-1': [], 'pi-2': [], 'pi-3': [] };

/** Three machines with brokers of their own, which know one another's address. */
beforeAll(async () => {
  stage = await Stage.begin({
    'all.yaml': inventory({ router: '10.200.0.1', ap: '10.200.0.2', printer: '10.200.0.3' }),
  });
  await Promise.all(MONITORS.map(start));
}, 120_000);

afterAll(() => stage.end());

async function start(monitor: Monitor): Promise<void> {
  const peers = MONITORS.filter((other) => other !== monitor).map((other) => `mqtt://127.0.0.1:${PORTS[other]}`);
  stage.up(monitor, {
    ...{ 'mqtt-port': String(PORTS[monitor]), peer: peers.join(',') },
    devices: monitor === 'pi-1' ? 'all.yaml' : NO_DEVICES,
  });
  const listener = stage.listen(monitor, PORTS[monitor]);
  listener.alerts(({ resolves, subject }) =>
    said[monitor].push(`${String(subject)} ${resolves === true ? 'up' : 'down'}`),
  );
}

/** Another command line, at the broker of a monitor. */
function guaita(at: Monitor, ...args: readonly string[]): Promise<Ran> {
  return stage.guaita(PORTS[at], ...args);
}

const state = (at: Monitor, device: string): unknown =>
  stage.listeners.get(at)?.newest.get(`guaita/device/${device}/state`)?.['state'];

/** What a broker keeps as open on a device. */
function open(at: Monitor, device: string): Readonly<Record<string, unknown>> | undefined {
  const kept = [...(stage.listeners.get(at)?.newest ?? [])].filter(([topic]) => topic.startsWith('guaita/alert-open/'));
  return kept.map(([, value]) => value).find((value) => value['subject'] === device);
}

async function everywhere(holds: (at: Monitor) => void, monitors: readonly Monitor[] = MONITORS): Promise<void> {
  await eventually(() => monitors.forEach(holds));
}

const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, QUIET_ms));

describe('three monitors with brokers of their own', { timeout: 180_000 }, () => {
  it('hold a silence that is set at one of them: none tells the alert, each keeps it as open', async () => {
    await everywhere((at) => expect([state(at, 'router'), state(at, 'ap')]).toEqual(['up', 'up']));
    const added = await guaita(
      ...(['pi-2', 'silence', 'add', '--device', 'ap', '--for', '2h', '--why', 'new antenna'] as const),
      ...['--by', 'Ada', '--id', 'antenna'],
    );
    expect([added.code, added.stdout]).toEqual([0, 'silence antenna is set (pi-2)\n']);
    await everywhere((at) => expect(stage.listeners.get(at)?.newest.get('guaita/silence/antenna')).toBeDefined());
    for (const at of MONITORS) {
      const listed = await guaita(at, 'silence', 'list', '--json');
      expect([listed.code, JSON.parse(listed.stdout)]).toMatchObject([
        0,
        { silences: [{ id: 'antenna', devices: ['ap'], by: 'Ada', why: 'new antenna' }], stale: false },
      ]);
    }
    await stage.namespace.silence('10.200.0.2');
    await everywhere((at) =>
      expect(open(at, 'ap')).toMatchObject({ kind: 'down', silenced: { silence: 'antenna', by: 'Ada' }, untold: true }),
    );
    await quiet();
    expect(said).toEqual({ 'pi-1': [], 'pi-2': [], 'pi-3': [] });
    const shown = await guaita('pi-3', 'alerts');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/ap .*silenced by Ada until \S+ \(antenna: new antenna\)/);
  });

  it('show at all brokers who acknowledged an alert at one', async () => {
    await stage.namespace.silence('10.200.0.1');
    await everywhere((at) => expect(said[at]).toEqual(['router down']));
    const { id } = open('pi-1', 'router') as { id: string };
    const acknowledged = await guaita('pi-1', 'ack', id, '--why', 'on my way', '--by', 'Grace', '--json');
    expect([acknowledged.code, JSON.parse(acknowledged.stdout)]).toMatchObject([0, { ok: true, done: [id] }]);
    await everywhere((at) =>
      expect(open(at, 'router')).toMatchObject({ acknowledged: { by: 'Grace', why: 'on my way' } }),
    );
    expect((await guaita('pi-2', 'alerts')).stdout).toContain('acknowledged by Grace (on my way)');
    await stage.namespace.wake('10.200.0.1');
    await everywhere((at) => expect(said[at]).toEqual(['router down', 'router up']));
  });

  it('hold it when the monitor is gone at which it was set, and over a restart of another', async () => {
    await stage.halt('pi-2');
    await stage.halt('pi-3', 'SIGINT');
    await start('pi-3');
    await everywhere((at) => expect(open(at, 'ap')).toMatchObject({ untold: true }), ['pi-1', 'pi-3']);
    await quiet();
    expect(said['pi-1'].filter((each) => each.startsWith('ap'))).toEqual([]);
    expect(said['pi-3'].filter((each) => each.startsWith('ap'))).toEqual([]);
  });

  it('each tell once what is open when it is taken away, also the one that comes back later', async () => {
    expect((await guaita('pi-1', 'silence', 'remove', 'antenna')).code).toBe(0);
    const tellings = (at: Monitor): string[] => said[at].filter((each) => each.startsWith('ap'));
    await everywhere((at) => expect(tellings(at)).toEqual(['ap down']), ['pi-1', 'pi-3']);
    await start('pi-2');
    await everywhere((at) => expect(tellings(at)).toEqual(['ap down']));
    await stage.namespace.wake('10.200.0.2');
    await everywhere((at) => expect(tellings(at)).toEqual(['ap down', 'ap up']));
    await everywhere((at) => expect(open(at, 'ap')).toBeUndefined());
  });

  it('tell what is open when a silence ends by itself', async () => {
    const added = await guaita('pi-3', 'silence', 'add', '--kind', 'down', '--for', '25s', '--why', 'a test', '--json');
    expect(added.code).toBe(0);
    await everywhere((at) =>
      expect(
        [...(stage.listeners.get(at)?.newest.keys() ?? [])].some((topic) => topic.startsWith('guaita/silence/')),
      ).toBe(true),
    );
    await stage.namespace.silence('10.200.0.3');
    await everywhere((at) => expect(open(at, 'printer')).toMatchObject({ untold: true }));
    expect(said['pi-1']).not.toContain('printer down');
    await everywhere((at) => expect(said[at].filter((each) => each.startsWith('printer'))).toEqual(['printer down']));
    await everywhere((at) => expect(open(at, 'printer')?.['silenced']).toBeUndefined());
  });

  it.each([
    [
      ['silence', 'add', '--device', 'ap', '--why', 'x'],
      2,
      'a silence needs one end: give --for TIME or --until TIME\n',
    ],
    [['silence', 'add', '--device', 'ap', '--for', '2h'], 2, /required option '--why <TEXT>' not specified/],
    [['silence', 'add', '--device', 'ap', '--for', 'long', '--why', 'x'], 2, /It is no duration: give one like 90s/],
    [['silence', 'add', '--for', '2h', '--why', 'x'], 1, /would be of all alerts: name devices/],
    [
      ['silence', 'add', '--tag', 'a', '--until', '2020-01-01', '--why', 'x'],
      1,
      /which is past; it is .*: give a later/,
    ],
    [
      ['silence', 'add', '--tag', 'a', '--for', '91d', '--why', 'x'],
      1,
      /would last longer than 90 days: give an earlier/,
    ],
    [['silence', 'remove', 'no'], 1, /silence "no" is not known, or over; look at "guaita silence list"/],
    [
      ['ack', '0123456789abcdef', '--why', 'x'],
      1,
      /alert "0123456789abcdef" is not open here; look at "guaita alerts"/,
    ],
    [['ack', 'router', '--why', 'x'], 2, /It is no id of an alert/],
  ])('refuse %j with exit code %d, the cause and the mend', async (args, code, problem) => {
    const refused = await guaita('pi-1', ...args);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toEqual(expect.stringMatching(problem));
  });
});
