import { describe, expect, it } from 'vitest';
import type { Severity } from '@guaita/model';
import { Lane, type Item } from './lane.ts';
import { alertOf } from './world.testdata.ts';

let seq = 0;

function item(id: string, change: { subject?: string; severity?: Severity; rank?: number } = {}): Item {
  const { subject = id, severity = 'critical', rank = 0 } = change;
  seq += 1;
  return {
    step: { event: 'begin', round: 1, reminder: 0 },
    notification: { key: `${id}-begin`, event: 'begin', monitor: 'a', alert: alertOf(id, { subject, severity }) },
    ...{ rank, seq, attempts: 0, firstTried_ms: undefined, notBefore_ms: -Infinity },
  };
}

function filled(perMinute: number, ...items: readonly Item[]): Lane {
  const lane = new Lane(perMinute);
  for (const each of items) lane.put(each.notification.alert.id, each);
  return lane;
}

/** What is sent now. */
function taken(lane: Lane, now_ms: number): string[] {
  const ids: string[] = [];
  for (let each = lane.take(now_ms); each !== undefined; each = lane.take(now_ms)) ids.push(each.notification.alert.id);
  return ids;
}

const pause = (failures: number): number => 1000 * 2 ** (failures - 1);

describe('a lane', () => {
  it('has four requests under way, its own first, of these the gravest, and of these the oldest', () => {
    const others = item('a', { rank: 1 });
    const lane = filled(6000, others, item('b', { severity: 'warning' }), item('c'), item('d'), item('e'), item('f'));
    expect(taken(lane, 0)).toEqual(['c', 'd', 'e', 'f']);
    lane.done('c', true);
    expect(taken(lane, 0)).toEqual(['b']);
    for (const id of ['b', 'd']) lane.done(id, true);
    expect(taken(lane, 0)).toEqual(['a']);
    expect(lane.nextDeadline_ms(0)).toBe(Infinity);
  });

  it('has one request of a subject under way, the oldest first', () => {
    const lane = filled(6000, item('a', { subject: 'x', severity: 'info' }), item('b', { subject: 'x' }), item('c'));
    expect(taken(lane, 0)).toEqual(['c', 'a']);
    lane.done('a', true);
    expect(taken(lane, 0)).toEqual(['b']);
  });

  it('lets what comes later on a subject go first when what is older fails and fails', () => {
    const lane = filled(6000, item('a', { subject: 'x' }), item('b', { subject: 'x' }));
    for (let now_ms = 0; now_ms < 3; now_ms += 1) {
      expect(taken(lane, now_ms * 60_000)).toEqual(['a']);
      lane.failed('a', now_ms * 60_000, pause);
    }
    expect(taken(lane, 300_000)).toEqual(['b']);
  });

  it('waits after a failure, twice as long after each; what failed at the same time counts once', () => {
    const lane = filled(6000, item('a'), item('b'));
    expect(taken(lane, 0)).toEqual(['a', 'b']);
    for (const id of ['a', 'b']) lane.failed(id, 0, pause);
    expect([lane.failures, lane.nextDeadline_ms(0)]).toEqual([1, 1000]);
    expect(taken(lane, 999)).toEqual([]);
    expect(taken(lane, 1000)).toEqual(['a', 'b']);
    lane.failed('a', 1000, pause);
    lane.done('b', true);
    expect([lane.failures, lane.nextDeadline_ms(1000)]).toEqual([0, 3000]);
  });

  it('waits as long as it is asked to', () => {
    const lane = filled(6000, item('a'));
    taken(lane, 0);
    lane.failed('a', 0, pause, 30_000);
    expect([taken(lane, 29_999), lane.nextDeadline_ms(29_999), taken(lane, 30_000)]).toEqual([[], 30_000, ['a']]);
  });

  it('sends ten at once and then so many a minute', () => {
    const lane = filled(60, ...Array.from({ length: 30 }, (_, n) => item(`x${n}`)));
    const sent = (now_ms: number): number => {
      let count = 0;
      for (let ids = taken(lane, now_ms); ids.length > 0; ids = taken(lane, now_ms)) {
        for (const id of ids) lane.done(id, true);
        count += ids.length;
      }
      return count;
    };
    expect([sent(0), lane.nextDeadline_ms(0), sent(999), sent(1000), sent(4000)]).toEqual([10, 1000, 0, 1, 3]);
  });

  it('drops what nobody needs to be told any more, unless it is under way', () => {
    const lane = filled(6000, item('a'), item('b'));
    expect(lane.take(0)?.notification.alert.id).toBe('a');
    for (const id of ['a', 'b']) lane.drop(id);
    expect([lane.isInFlight('a'), lane.waiting, taken(lane, 0)]).toEqual([true, 0, []]);
  });
});
