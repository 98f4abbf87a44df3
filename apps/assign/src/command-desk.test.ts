import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import type { Device, Id } from '@guaita/model';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { CommandDesk } from './command-desk.ts';

/** A desk that notes what it is to do, and is cut off then; with its log. */
function makeDesk(bus: MemoryBus, done: unknown[], lines: string[]): CommandDesk {
  const view = { site: 'home', alive: true, isolated: false, probing: true, draining: false, capacity: 1, held: 0 };
  const run = { tags: [], incarnation: 1, session: 1, isolations: 0, monitors_per_device: 1 };
  const monitors = new Map([['m1', { ...view, ...run, leaving: 0, complete: true, links: [] }]]);
  const inventory = Object.assign(new Map<Id, Device>(), { feeders: () => [] });
  return new CommandDesk({
    wire: new Wire(bus, () => undefined),
    monitor: 'm1',
    log: pino({}, { write: (line: string) => void lines.push(line) }),
    knowledge: {
      ...{ inventory, alerts: { silences: () => new Map(), isAcknowledged: () => false } },
      devices: () => new Map(),
      ...{ monitors: () => monitors, decides: true, incarnationOf: () => 1 },
      ...{ hasHeardOf: (id) => monitors.has(id), mayBeWatched: () => true },
    },
    ...{ clock: { now_ms: () => 0 }, random: () => 0, isOpen: () => false, speaks: () => true },
    // As when the monitor is stopped while a command is written to disk.
    intend: async (changes) => {
      done.push(...changes);
      await bus.stop();
    },
  });
}

it('does a command whose answer finds no way any more, and says so in the log', async () => {
  const broker = new MemoryBroker();
  const bus = new MemoryBus(broker);
  await bus.start();
  const lines: string[] = [];
  const done: unknown[] = [];
  const desk = makeDesk(bus, done, lines);
  await desk.start();
  const message = {
    topic: 'guaita/command/monitors/drain',
    payload: '{"monitor":"m1"}',
    qos: 1,
    retain: false,
  } as const;
  broker.publish({ ...message, responseTopic: 'guaita/reply/ada/1' });
  await eventually(() => expect(lines.join('')).toContain('the answer is not said: the bus has stopped'));
  expect(done).toEqual([{ kind: 'drain', subject: 'm1', wanted: true }]);
  await desk.stop();
});

it('does no command whose answer is wanted elsewhere, and fills no log with where', async () => {
  const broker = new MemoryBroker();
  const bus = new MemoryBus(broker);
  await bus.start();
  const lines: string[] = [];
  const done: unknown[] = [];
  const desk = makeDesk(bus, done, lines);
  await desk.start();
  const command = {
    topic: 'guaita/command/monitors/drain',
    payload: '{"monitor":"m1"}',
    qos: 1,
    retain: false,
  } as const;
  broker.publish({ ...command, responseTopic: 'x'.repeat(65_535) });
  await eventually(() => expect(lines.join('')).toContain('give one like guaita/reply/user/request'));
  expect(lines.join('').length).toBeLessThan(1_000);
  expect(done).toEqual([]);
  await desk.stop();
  await bus.stop();
});
