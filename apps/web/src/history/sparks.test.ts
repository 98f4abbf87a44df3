import { beforeEach, describe, expect, it } from 'vitest';
import { pastAndHeard, readPasts, Sparks } from './sparks.ts';

const FROM_ms = Date.UTC(2026, 2, 1, 9);
const MINUTE_ms = 60_000;

const answer = (devices: readonly string[], rtt_avg_ms: unknown[] = [null, 4]): unknown => ({
  from: new Date(FROM_ms).toISOString(),
  step_s: 300,
  sparks: Object.fromEntries(devices.map((device) => [device, { rtt_avg_ms, loss_percent: [null, 50] }])),
});

describe('the past of devices in sight', () => {
  let asked: string[];
  let waiting: (() => void)[];
  let now_ms: number;
  let drawn: number;
  let sparks: Sparks;
  let reply: (path: string) => Promise<unknown>;

  beforeEach(() => {
    [asked, waiting, now_ms, drawn] = [[], [], 0, 0];
    reply = async (path) => answer(path.replace(/.*=/, '').split(','));
    sparks = new Sparks({
      ask: (path) => {
        asked.push(path);
        return reply(path);
      },
      now_ms: () => now_ms,
      later: (act) => {
        waiting.push(act);
        return () => waiting.splice(waiting.indexOf(act), 1);
      },
      changed: () => (drawn += 1),
    });
  });

  async function pause(): Promise<void> {
    for (const act of waiting.splice(0)) act();
    await new Promise((resolve) => setImmediate(resolve));
  }

  it('is asked for once, all at once, after who scrolls has come to rest', async () => {
    sparks.want(['a', 'b']);
    sparks.want(['b', 'c']);
    await pause();
    sparks.want(['b', 'c']);
    await pause();
    expect(asked).toEqual(['sparks?devices=b,c']);
    expect(sparks.of('b')?.samples).toHaveLength(2);
    expect([sparks.of('a'), drawn]).toEqual([undefined, 1]);
    sparks.want(['c', 'd']);
    await pause();
    expect(asked.at(-1)).toBe('sparks?devices=d');
  });

  it('is asked for again when it has grown old', async () => {
    sparks.want(['a']);
    await pause();
    now_ms += 5 * MINUTE_ms;
    sparks.want(['a']);
    await pause();
    expect(asked).toHaveLength(2);
  });

  it('is asked of no more than a hundred at once, and kept of no more than a thousand', async () => {
    const many = Array.from({ length: 1_100 }, (_, index) => `d-${index}`);
    for (let turn = 0; turn < 11; turn += 1) {
      sparks.want(many);
      await pause();
    }
    expect(asked.map((path) => path.split(',').length)).toEqual(Array.from({ length: 11 }, () => 100));
    expect(many.filter((device) => sparks.of(device) !== undefined)).toEqual(many.slice(100));
  });

  it('is not asked for again and again where there is no history', async () => {
    reply = () => Promise.reject(new Error('there is no history here'));
    for (let turn = 0; turn < 5; turn += 1) {
      sparks.want(['a']);
      await pause();
    }
    expect([asked.length, drawn]).toEqual([1, 0]);
    now_ms += MINUTE_ms;
    sparks.want(['a']);
    await pause();
    expect(asked).toHaveLength(2);
  });

  it('is not asked for any more when the page ends', async () => {
    sparks.want(['a']);
    sparks.stop();
    await pause();
    expect(asked).toEqual([]);
  });
});

describe('an answer', () => {
  it('is read step by step', () => {
    expect(readPasts(answer(['a'])).get('a')).toEqual({
      from_ms: FROM_ms,
      samples: [
        { at_ms: FROM_ms + 2.5 * MINUTE_ms, rtt_ms: NaN, loss_percent: 0 },
        { at_ms: FROM_ms + 7.5 * MINUTE_ms, rtt_ms: 4, loss_percent: 50 },
      ],
    });
  });

  it.each([undefined, 7, {}, { from: 'x' }, { from: '2026-01-01T00:00:00Z', step_s: 0, sparks: { a: {} } }])(
    '%j tells nothing',
    (nonsense) => {
      expect(readPasts(nonsense).size).toBe(0);
    },
  );

  it('goes before what was heard', () => {
    const past = readPasts(answer(['a'])).get('a')!;
    const heard = [{ at_ms: FROM_ms + 6 * MINUTE_ms, rtt_ms: 1, loss_percent: 0 }];
    expect(pastAndHeard(past, heard).map(({ rtt_ms }) => rtt_ms)).toEqual([NaN, 1]);
    expect(pastAndHeard(undefined, heard)).toEqual(heard);
    expect(pastAndHeard(past, [])).toEqual(past.samples);
  });
});
