import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { channels, type Reply } from '@guaita/messages';
import { ManualClock } from '@guaita/service';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DAY_ms } from '../day.ts';
import type { EventsQuestion, SeriesQuestion } from '../http/history-queries.ts';
import { QueryDesk, type QueryDeskOptions } from './query-desk.ts';

const NOON_ms = Date.parse('2026-01-01T12:00:00.000Z');
const TOPIC = 'guaita/command/history/query';
const REPLY = channels.reply.topic('guaita', { user: 'ada', request: 'one' });

const atNoon = (minute: number): string => new Date(NOON_ms + minute * 60_000).toISOString();

/** A broker, a desk, and what it is asked. */
async function scene({ rows = 3, speaks = true } = {}): Promise<{
  ask: (question: unknown, responseTopic?: string) => void;
  replies: Reply[];
  asked: (SeriesQuestion | EventsQuestion)[];
}> {
  const broker = new MemoryBroker();
  const wireOf = async (clientId: string): Promise<Wire> => {
    const bus = new MemoryBus(broker, { clientId, session: 'clean' });
    await bus.start();
    return new Wire(bus, () => undefined);
  };
  const replies: Reply[] = [];
  const asked: (SeriesQuestion | EventsQuestion)[] = [];
  await (
    await wireOf('ear')
  ).hear(channels.reply, {}, ({ value }) => void (value !== undefined && replies.push(value)));
  const history: QueryDeskOptions['history'] = {
    series: (question) => {
      asked.push(question);
      // Of each monitor, then of the next.
      const found = ['a', 'b'].flatMap((monitor) =>
        Array.from({ length: rows }, (_, minute) => [monitor, atNoon(minute), 'up']),
      );
      return Promise.resolve({ resolution: 'raw', columns: ['monitor', 'at', 'state'], rows: found });
    },
    events: (question) => {
      asked.push(question);
      return Promise.resolve({
        columns: ['at', 'what'],
        rows: [
          [atNoon(2), 'up'],
          [atNoon(1), 'down'],
        ],
      });
    },
  };
  const context = { wire: await wireOf('storage'), clock: new ManualClock(NOON_ms), monitor: 'one', turn: { speaks } };
  const log = pino({ level: 'silent' });
  const desk = new QueryDesk({ context: { ...context, log } as unknown as QueryDeskOptions['context'], history });
  await desk.start();
  onTestFinished(() => desk.stop());
  const ask = (question: unknown, responseTopic: string = REPLY): void =>
    broker.publish({ topic: TOPIC, payload: JSON.stringify(question), qos: 1, retain: false, responseTopic });
  return { ask, replies, asked };
}

async function answered(replies: readonly Reply[], count = 1): Promise<readonly Reply[]> {
  await eventually(() => expect(replies).toHaveLength(count));
  return replies;
}

describe('the desk for questions over MQTT', () => {
  it('answers with the rows of all monitors in the order of time; what is left out is as the contract says', async () => {
    const { ask, replies, asked } = await scene();
    ask({ device: 'router', limit: 4, of_tomorrow: 1 });
    expect(await answered(replies)).toEqual([
      {
        ...{ ok: true, monitor: 'one', resolution: 'raw' },
        rows: [1, 1, 2, 2].map((minute, n) => ({ monitor: n % 2 === 0 ? 'a' : 'b', at: atNoon(minute), state: 'up' })),
      },
    ]);
    expect(asked).toEqual([{ device: 'router', kind: 'ping', points: 500, from_ms: NOON_ms - DAY_ms, to_ms: NOON_ms }]);
  });

  it('answers what happened, too', async () => {
    const { ask, replies } = await scene();
    ask({ device: 'router', kind: 'verdict' });
    expect(await answered(replies)).toMatchObject([{ ok: true, rows: [{ what: 'down' }, { what: 'up' }] }]);
  });

  it('says so when nothing is kept', async () => {
    const { ask, replies } = await scene({ rows: 0 });
    ask({ device: 'ruoter' });
    expect(await answered(replies)).toMatchObject([
      { ok: true, rows: [], remarks: ['nothing is kept of ping of device "ruoter" in this span'] },
    ]);
  });

  it.each([
    [{}, /device/],
    [{ device: 'Router 1' }, /device/],
    [{ device: 'router', points: 1_000_000 }, /points/],
    [{ device: 'router', kind: 'pong' }, /kind/],
    [
      { device: 'router', from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
      /reversed or empty: from 2026-01-02T00:00:00.000Z is not before/,
    ],
  ])('says what is wrong with %j', async (question, problem) => {
    const { ask, replies, asked } = await scene();
    ask(question);
    expect(await answered(replies)).toEqual([{ ok: false, monitor: 'one', problem: expect.stringMatching(problem) }]);
    expect(asked).toEqual([]);
  });

  it('says so when the answer is too long for a message, and answers the next', async () => {
    const { ask, replies } = await scene({ rows: 5_000 });
    ask({ device: 'router' });
    ask({ device: 'router', kind: 'alert' });
    expect(await answered(replies, 2)).toMatchObject([
      {
        ok: false,
        problem: 'the answer has more than 262144 bytes; give a shorter span, fewer points, or a monitor or part',
      },
      { ok: true },
    ]);
  });

  it('refuses what is asked faster than it can answer', async () => {
    const { ask, replies } = await scene();
    for (let n = 0; n < 40; n++) ask({ device: 'router' });
    const refused = (await answered(replies, 40)).filter(({ ok }) => !ok);
    expect(refused.length).toBeLessThanOrEqual(8);
    for (const each of refused) expect(each).toMatchObject({ problem: expect.stringMatching(/ask again later/) });
  });

  it('is silent where another speaks, and answers nowhere but where replies belong', async () => {
    const silent = await scene({ speaks: false });
    silent.ask({ device: 'router' });
    const other = await scene();
    other.ask({ device: 'router' }, 'guaita/alert/critical/router');
    other.ask({ device: 'switch' });
    await answered(other.replies);
    expect(silent.replies).toEqual([]);
    expect(silent.asked).toEqual([]);
  });
});
