import { AddSilence } from '@guaita/messages';
import type { Device, Id, Silence } from '@guaita/model';
import { describe, expect, test } from 'vitest';
import { acknowledgeAlert, addSilence, removeSilences, type AlertKnowledge } from './alert-commands.ts';

const NOW_ms = Date.parse('2026-03-01T12:00:00.000Z');
const ALERT = '0123456789abcdef';
const WHO = { by: 'ada', why: 'a new roof' };
const SILENCE: Silence = {
  ...{ devices: ['router'], monitors: [], tags: [], sites: [], kinds: [], severities: [] },
  ...{ ...WHO, until: '2026-03-01T13:00:00.000Z' },
};

function known(silences: readonly Id[] = [], acknowledged: readonly Id[] = []): AlertKnowledge {
  const inventory = Object.assign(new Map<Id, Device>([['router', { device: 'router' } as Device]]), {
    feeders: () => [],
  });
  return {
    inventory,
    monitors: () => new Map([['pi-1', {}]]),
    alerts: {
      silences: () => new Map(silences.map((id) => [id, SILENCE])),
      isAcknowledged: (alert) => acknowledged.includes(alert),
    },
  };
}

function add(command: Partial<AddSilence>, knowledge = known()) {
  return addSilence(AddSilence.parse({ devices: ['router'], ...WHO, ...command }), 's-1', knowledge, NOW_ms);
}

describe('a silence', () => {
  test('is made of what is silenced, by whom, why, and its end', () => {
    const change = { kind: 'silence', subject: 's-1', wanted: true, silence: SILENCE };
    expect(add({ for_s: 3600 })).toEqual({ change, remarks: [] });
    expect(add({ until: '2026-03-01T13:00:00Z' })).toEqual({ change, remarks: [] });
    expect(add({ silence: 'roof', for_s: 3600 }).change).toEqual({ ...change, subject: 'roof' });
  });

  test.each<[string, Partial<AddSilence>, string]>([
    [
      'has no end',
      {},
      'silence "s-1" has no end: give "until" (a time like 2026-03-01T12:00:00Z) or "for_s" (seconds)',
    ],
    [
      'has two ends',
      { for_s: 1, until: '2026-03-02T00:00:00Z' },
      'silence "s-1" has two ends: give "until" (a time like 2026-03-01T12:00:00Z) or "for_s" (seconds)',
    ],
    [
      'would have ended already',
      { until: '2026-03-01T11:59:59Z' },
      'silence "s-1" would end at 2026-03-01T11:59:59.000Z, which is past; it is 2026-03-01T12:00:00.000Z here: give a later end',
    ],
    [
      'would end at once',
      { for_s: 1e-9 },
      'silence "s-1" would end at 2026-03-01T12:00:00.000Z, which is past; it is 2026-03-01T12:00:00.000Z here: give a later end',
    ],
    [
      'would last for more than 90 days',
      { for_s: 90 * 86_400 + 1 },
      'silence "s-1" would last longer than 90 days: give an earlier end, and set it anew then; or change the rules that make the alert',
    ],
    [
      'would last for ever',
      { for_s: Number.MAX_VALUE },
      'silence "s-1" would last longer than 90 days: give an earlier end, and set it anew then; or change the rules that make the alert',
    ],
    [
      'would be of all alerts',
      { devices: [], for_s: 1 },
      'silence "s-1" would be of all alerts: name devices, monitors, tags, sites, kinds or severities; to silence really all, name every severity',
    ],
  ])('is refused when it %s', (_, command, problem) => {
    expect(() => add(command)).toThrow(problem);
  });

  test('of just 90 days is taken', () => {
    expect(add({ for_s: 90 * 86_400 }).change).toMatchObject({ silence: { until: '2026-05-30T12:00:00.000Z' } });
  });

  test('of what nobody knows is set, with a word on that: it may be yet to come', () => {
    const remarks = ['no device is called "roter"', 'no monitor is called "pi-9"'];
    expect(add({ devices: ['roter', 'router', 'roter'], monitors: ['pi-1', 'pi-9'], for_s: 1 }).remarks).toEqual(
      remarks,
    );
  });

  test('is refused beside a thousand others, but may be changed there', () => {
    const many = Array.from({ length: 1000 }, (_, n) => `s${n}`);
    expect(() => add({ for_s: 1 }, known(many))).toThrow(
      'silence "s-1" is not set: there are 1000, and no more may be; take some away with "guaita silence remove", or silence a tag',
    );
    expect(add({ silence: 's7', for_s: 1 }, known(many)).change.subject).toBe('s7');
  });

  test('is taken away by its name, together with others or not at all', () => {
    const removed = (subject: Id) => ({ kind: 'silence', subject, wanted: false });
    expect(removeSilences({ silences: ['a', 'b', 'a'] }, known(['a', 'b']))).toEqual([removed('a'), removed('b')]);
    expect(() => removeSilences({ silences: ['a', 'roof'] }, known(['a']))).toThrow(
      'silence "roof" is not known, or over; look at "guaita silence list"',
    );
  });
});

describe('an acknowledgement', () => {
  const given = { alert: ALERT, ...WHO, acknowledge: true };

  test('is of an alert that is open', () => {
    const acknowledgement = { ...WHO, at: '2026-03-01T12:00:00.000Z' };
    const change = { kind: 'acknowledgement', subject: ALERT, wanted: true, acknowledgement };
    expect(acknowledgeAlert(given, () => true, known(), NOW_ms)).toEqual(change);
    expect(() => acknowledgeAlert(given, () => false, known(), NOW_ms)).toThrow(
      `alert "${ALERT}" is not open here; look at "guaita alerts"`,
    );
  });

  test('is given back where there is one', () => {
    const back = { ...given, acknowledge: false };
    const change = { kind: 'acknowledgement', subject: ALERT, wanted: false };
    expect(acknowledgeAlert(back, () => false, known([], [ALERT]), NOW_ms)).toEqual(change);
    expect(() => acknowledgeAlert(back, () => true, known(), NOW_ms)).toThrow(
      `alert "${ALERT}" is acknowledged by nobody; look at "guaita alerts"`,
    );
  });
});
