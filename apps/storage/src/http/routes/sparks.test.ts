import { beforeEach, describe, expect, it, test } from 'vitest';
import { HttpStage } from '../http-stage.testdata.ts';

const NOON_ms = Date.UTC(2026, 2, 1, 12);

let stage: HttpStage;
beforeEach(async () => {
  stage = await HttpStage.begin();
});

describe('sparks', () => {
  it('are told of several devices at once, by steps of five minutes that are over', async () => {
    await stage.clock.advance(61_000);
    stage.history.sparks_ = [
      ['ap', '2026-03-01T09:05:00.000Z', 4.00049, 0],
      ['ap', '2026-03-01T11:55:00.000Z', null, 100],
      ['constructor', '2026-03-01T09:00:00.000Z', 1, 100 / 3],
    ];
    const { text } = await stage.ask('/api/sparks?devices=ap,constructor,ap,new');
    expect(stage.history.asked).toEqual([
      { devices: ['ap', 'constructor', 'new'], from_ms: NOON_ms - 3 * 3_600_000, to_ms: NOON_ms },
    ]);
    const { from, step_s, sparks } = JSON.parse(text);
    expect({ from, step_s, devices: Object.keys(sparks) }).toEqual({
      ...{ from: '2026-03-01T09:00:00.000Z', step_s: 300, devices: ['ap', 'constructor'] },
    });
    expect(sparks.ap.rtt_avg_ms).toEqual([null, 4, ...Array.from({ length: 34 }, () => null)]);
    expect(sparks.ap.loss_percent.at(-1)).toBe(100);
    expect(sparks.constructor).toMatchObject({ rtt_avg_ms: { length: 36 }, loss_percent: { 0: 33.333 } });
  });

  it('stay the same for five minutes: who has them is told no more than that', async () => {
    stage.history.sparks_ = [['ap', '2026-03-01T09:05:00.000Z', 4, 0]];
    const { etag = '' } = (await stage.ask('/api/sparks?devices=ap')).headers;
    await stage.clock.advance(299_000);
    expect((await stage.ask('/api/sparks?devices=ap', { 'if-none-match': etag })).status).toBe(304);
    await stage.clock.advance(1_000);
    expect((await stage.ask('/api/sparks?devices=ap', { 'if-none-match': etag })).status).toBe(200);
  });

  const hundredAndOne = Array.from({ length: 101 }, (_, index) => `d-${index}`).join();
  test.each([
    ['devices=', 'devices.0: must be an id'],
    ['devices=ap,..%2Fetc', 'devices.1: must be an id'],
    [`devices=${hundredAndOne}`, 'devices: Too big: expected array to have <=100 items'],
    [`devices=${'a,'.repeat(3_300)}`, 'devices: Too big: expected string to have <=6400 characters'],
    ['', 'devices: Invalid input'],
    ['devices=ap&from=2026-01-01T00:00:00Z', 'Unrecognized key'],
  ])('are not told for %s', async (query, problem) => {
    const answer = await stage.ask(`/api/sparks?${query}`);
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining(problem) });
    expect(stage.history.asked).toEqual([]);
  });
});
