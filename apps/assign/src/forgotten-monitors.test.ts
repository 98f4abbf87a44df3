import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BusError, MemoryBus, Wire, type Bus, type MemoryBroker } from '@guaita/bus';
import { bucketOf, digestOf } from '@guaita/cluster';
import { eventually } from '@guaita/lab/eventually';
import { packIntents } from '@guaita/messages';
import type { Intent } from '@guaita/model';
import { ManualClock, NameMemory, type MonitorContext } from '@guaita/service';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ForgottenMonitors } from './forgotten-monitors.ts';
import { memoryHost, startMonitor } from './monitor.testdata.ts';

let folder: string;
let broker: MemoryBroker;
let host: Awaited<ReturnType<typeof memoryHost>>;
const releases: (() => Promise<void>)[] = [];

beforeEach(async () => {
  host = await memoryHost();
  ({ folder, broker } = host);
});
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
  await rm(folder, { recursive: true });
});

/** What operators intend: "old" is forgotten up to an incarnation. */
const forget = (incarnation: number): Intent => ({
  ...{ kind: 'forget', subject: 'old', wanted: true, incarnation },
  stamp: { at_ms: 1, counter: 0, writer: 'one' },
});

const status = (incarnation: number) => ({ state: 'offline', incarnation, session: 1 });
const claims = (incarnation: number) => ({ version: 1, incarnation, claims: {} });

/** What the broker has retained, below `guaita/monitor/`. */
function retain(...entries: readonly (readonly [string, unknown])[]): void {
  for (const [topic, value] of entries) {
    const payload = JSON.stringify(value);
    broker.publish({ topic: `guaita/monitor/${topic}`, payload, qos: 1, retain: true });
  }
}
const retained = (): string[] =>
  [...broker.retained.keys()].map((topic) => topic.replace('guaita/monitor/', '')).sort();

/**
 * As a monitor has it from its start to its stop.
 *
 * @param settings.subscribing called before each subscription; what it throws is the broker's refusal.
 */
async function start({ speaks = true, subscribing = (): unknown => undefined } = {}) {
  const bus: Bus = new MemoryBus(broker);
  await bus.start();
  const original = bus.subscribe.bind(bus);
  const subscribe = vi.spyOn(bus, 'subscribe').mockImplementation(async (...given) => {
    subscribing();
    return original(...given);
  });
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const turn = { speaks, onChange: (listener: (speaks: boolean) => void) => (listeners.add(listener), () => {}) };
  const listeners = new Set<(speaks: boolean) => void>();
  const wire = new Wire(bus, (error) => lines.push(error.message));
  const context = { wire, log, clock: new ManualClock(), turn, monitor: 'one' } as unknown as MonitorContext;
  const forgotten = new ForgottenMonitors(context, new NameMemory(join(folder, 'purged')));
  forgotten.start();
  const stop = async (): Promise<void> => {
    await forgotten.stop();
    await bus.stop();
  };
  releases.push(stop);
  const pass = (to: boolean): void => {
    turn.speaks = to;
    listeners.forEach((listener) => listener(to));
  };
  return { forgotten, bus, subscribe, lines, stop, pass };
}

describe('what a forgotten monitor left', () => {
  beforeEach(() => {
    retain(['old/status', status(3)], ['old/claims/00', claims(3)], ['old/claims/01', claims(2)]);
    retain(['old/intents/00', { intents: [] }], ['old/receivers', { receivers: [] }]);
    retain(['new/status', status(3)], ['old/ping/router', {}]);
  });

  it('is taken away, and nothing else', async () => {
    const { forgotten } = await start();
    forgotten.follow([forget(3)]);
    await eventually(() => expect(retained()).toEqual(['new/status', 'old/ping/router']));
  });

  it('is not asked for again once it is gone', async () => {
    const first = await start();
    first.forgotten.follow([forget(3)]);
    await eventually(() => expect(retained()).toHaveLength(2));
    await first.stop();
    const { forgotten, subscribe, stop } = await start();
    forgotten.follow([forget(3)]);
    await stop();
    expect(subscribe).not.toHaveBeenCalled();
  });

  it('stays where it has come back as a new monitor, but for its former claims', async () => {
    retain(['old/status', status(4)], ['old/claims/01', claims(4)]);
    const { forgotten } = await start();
    forgotten.follow([forget(3)]);
    await eventually(() => expect(retained()).not.toContain('old/claims/00'));
    const kept = ['new/status', 'old/claims/01', 'old/intents/00', 'old/ping/router', 'old/receivers', 'old/status'];
    expect(retained()).toEqual(kept);
  });

  it('is taken away also where nobody can read it', async () => {
    retain(['old/status', 'nonsense'], ['old/claims/00', { nonsense: true }]);
    const { forgotten } = await start();
    forgotten.follow([forget(3)]);
    await eventually(() => expect(retained()).toEqual(['new/status', 'old/ping/router']));
  });

  it('waits for the turn to speak, where several monitors share the broker', async () => {
    const { forgotten, subscribe, pass } = await start({ speaks: false });
    forgotten.follow([forget(3)]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(subscribe).not.toHaveBeenCalled();
    pass(true);
    await eventually(() => expect(retained()).toEqual(['new/status', 'old/ping/router']));
  });

  it('is asked for again where the broker refused it, which is told to the log', async () => {
    let refuses = true;
    const { forgotten, lines, pass } = await start({
      subscribing: () => {
        if (refuses) throw new BusError('not authorized');
      },
    });
    forgotten.follow([forget(3)]);
    const refused = 'of old, which is forgotten, is not gone yet: not authorized';
    await eventually(() => expect(lines.join('')).toContain(refused));
    expect(retained()).toHaveLength(7);
    refuses = false;
    pass(true);
    await eventually(() => expect(retained()).toEqual(['new/status', 'old/ping/router']));
  });

  it('is heard anew after a connection that broke while the broker said what it keeps', async () => {
    const breaks = vi.fn(() => broker.stop());
    const { forgotten } = await start({ subscribing: () => breaks.mock.calls.length === 0 && breaks() });
    forgotten.follow([forget(3)]);
    await eventually(() => expect(breaks).toHaveBeenCalled());
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(retained()).toHaveLength(7);
    broker.start();
    await eventually(() => expect(retained()).toEqual(['new/status', 'old/ping/router']));
  });
});

it('is taken away after a restart, where the monitor was stopped before it came to that', async () => {
  await writeFile(join(folder, 'none.yaml'), 'devices: []\n');
  const assign = { devices: join(folder, 'none.yaml') };
  retain(['old/status', status(3)], ['old/claims/00', claims(3)]);
  const before = await startMonitor('one', host, { speaks: () => false, assign });
  releases.push(before.stop);
  const bucket = bucketOf('old').toString(16).padStart(2, '0');
  retain([`two/intents/${bucket}`, packIntents([forget(3)], digestOf([forget(3)]))]);
  await eventually(async () => {
    await host.clock.advance(1_000);
    expect(await readdir(join(before.dataDir, 'intents'))).not.toEqual([]);
  });
  await before.stop();
  broker.publish({ topic: `guaita/monitor/two/intents/${bucket}`, payload: '', qos: 1, retain: true });
  expect(retained()).toContain('old/status');
  const after = await startMonitor('one', host, { assign });
  releases.push(after.stop);
  await eventually(() => expect(retained().filter((topic) => topic.startsWith('old/'))).toEqual([]));
});
