import { startNamespace, type Namespace, type Ran } from '@guaita/lab';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { GuaitaProcess, MAIN } from './guaita-process.ts';
import { Listener } from './listener.ts';

const MONITORS = ['pi-1', 'pi-2', 'pi-3'] as const;
type Monitor = (typeof MONITORS)[number];
const PORTS: Readonly<Record<Monitor, number>> = { 'pi-1': 1901, 'pi-2': 1902, 'pi-3': 1903 };
/** A shared machine may be slow; nothing here is measured. */
const PATIENCE = { timeout: 60_000, interval: 100 };
/** What was to be said would have been by then: a verdict is gathered for a tenth of a second. */
const QUIET_ms = 3_000;

let namespace: Namespace;
let folder: string;
const running = new Map<Monitor, GuaitaProcess>();
const listeners = new Map<Monitor, Listener>();
/** Alerts and their ends as a stranger hears them at each broker: `ap down`, `ap up`. */
const said: Record<Monitor, string[]> = { 'pi-1': [], 'pi-2': [], 'pi-3': [] };

/** Three machines with brokers of their own, which know one another's address. */
beforeAll(async () => {
  namespace = await startNamespace({ networks: ['10.200.0.0/16'] });
  folder = await mkdtemp(join(tmpdir(), 'guaita-silences-'));
  const devices = ['router', 'ap', 'printer'].map((name, n) => `  - { name: ${name}, address: 10.200.0.${n + 1} }`);
  const head = 'defaults: { ping: { interval_s: 5, count: 1 } }\ndevices:';
  await writeFile(join(folder, 'all.yaml'), [head, ...devices, ''].join('\n'));
  await writeFile(join(folder, 'none.yaml'), 'devices: []\n');
  await Promise.all(MONITORS.map(start));
}, 120_000);

afterAll(async () => {
  for (const listener of listeners.values()) await listener.stop();
  for (const guaita of running.values()) await guaita.stop('SIGKILL');
  await rm(folder, { recursive: true });
  await namespace.stop();
});

async function start(monitor: Monitor): Promise<void> {
  const peers = MONITORS.filter((other) => other !== monitor).map((other) => `mqtt://127.0.0.1:${PORTS[other]}`);
  const flags = {
    ...{ monitor, 'mqtt-port': String(PORTS[monitor]), 'http-port': '0', peer: peers.join(',') },
    ...{ data: join(folder, monitor), devices: monitor === 'pi-1' ? 'all.yaml' : 'none.yaml' },
  };
  const guaita = GuaitaProcess.up(namespace, flags, folder);
  running.set(monitor, guaita);
  await guaita.until(() => guaita.events[0], 'its first event');
  const listener = new Listener(namespace, PORTS[monitor], 'guaita/#');
  listeners.set(monitor, listener);
  listener.watch(({ topic, value }) => {
    if (value !== undefined && topic.startsWith('guaita/alert/'))
      said[monitor].push(`${String(value['subject'])} ${value['resolves'] === true ? 'up' : 'down'}`);
  });
}

async function stop(monitor: Monitor, signal: NodeJS.Signals): Promise<void> {
  await listeners.get(monitor)?.stop();
  await running.get(monitor)?.stop(signal);
}

/** Another command line on this host, at the broker of a monitor. */
function guaita(at: Monitor, ...args: readonly string[]): Promise<Ran> {
  return namespace.run(process.execPath, [MAIN, ...args, '--broker', `mqtt://127.0.0.1:${PORTS[at]}`]);
}

const state = (at: Monitor, device: string): unknown =>
  listeners.get(at)?.newest.get(`guaita/device/${device}/state`)?.['state'];

/** What a broker keeps as open on a device. */
function open(at: Monitor, device: string): Readonly<Record<string, unknown>> | undefined {
  const kept = [...(listeners.get(at)?.newest ?? [])].filter(([topic]) => topic.startsWith('guaita/alert-open/'));
  return kept.map(([, value]) => value).find((value) => value['subject'] === device);
}

async function everywhere(holds: (at: Monitor) => void, monitors: readonly Monitor[] = MONITORS): Promise<void> {
  await vi.waitFor(() => monitors.forEach(holds), PATIENCE);
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
    await everywhere((at) => expect(listeners.get(at)?.newest.get('guaita/silence/antenna')).toBeDefined());
    for (const at of MONITORS) {
      const listed = await guaita(at, 'silence', 'list', '--json');
      expect([listed.code, JSON.parse(listed.stdout)]).toMatchObject([
        0,
        { silences: [{ id: 'antenna', devices: ['ap'], by: 'Ada', why: 'new antenna' }], stale: false },
      ]);
    }
    await namespace.silence('10.200.0.2');
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
    await namespace.silence('10.200.0.1');
    await everywhere((at) => expect(said[at]).toEqual(['router down']));
    const { id } = open('pi-1', 'router') as { id: string };
    const acknowledged = await guaita('pi-1', 'ack', id, '--why', 'on my way', '--by', 'Grace', '--json');
    expect([acknowledged.code, JSON.parse(acknowledged.stdout)]).toMatchObject([0, { ok: true, done: [id] }]);
    await everywhere((at) =>
      expect(open(at, 'router')).toMatchObject({ acknowledged: { by: 'Grace', why: 'on my way' } }),
    );
    expect((await guaita('pi-2', 'alerts')).stdout).toContain('acknowledged by Grace (on my way)');
    await namespace.wake('10.200.0.1');
    await everywhere((at) => expect(said[at]).toEqual(['router down', 'router up']));
  });

  it('hold it when the monitor is gone at which it was set, and over a restart of another', async () => {
    await stop('pi-2', 'SIGKILL');
    await stop('pi-3', 'SIGINT');
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
    await namespace.wake('10.200.0.2');
    await everywhere((at) => expect(tellings(at)).toEqual(['ap down', 'ap up']));
    await everywhere((at) => expect(open(at, 'ap')).toBeUndefined());
  });

  it('tell what is open when a silence ends by itself', async () => {
    const added = await guaita('pi-3', 'silence', 'add', '--kind', 'down', '--for', '25s', '--why', 'a test', '--json');
    expect(added.code).toBe(0);
    await everywhere((at) =>
      expect([...(listeners.get(at)?.newest.keys() ?? [])].some((topic) => topic.startsWith('guaita/silence/'))).toBe(
        true,
      ),
    );
    await namespace.silence('10.200.0.3');
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
