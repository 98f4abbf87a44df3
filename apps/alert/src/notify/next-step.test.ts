import { describe, expect, it } from 'vitest';
import { nextStep, type Standing } from './next-step.ts';
import type { Receiver } from './receiver.ts';
import { readTimeWindow, Times } from './times.ts';
import type { ToldHere } from './told.ts';
import { alertOf, NOON_ms, PHONE } from './world.testdata.ts';

const MINUTE_ms = 60_000;
const NEVER = -Infinity;

/** An alert that has been open since minute 1. */
function standing(change: Partial<Standing> = {}): Standing {
  return {
    ...{ alert: alertOf('x'), isOpen: true, opened_ms: MINUTE_ms, heard_ms: MINUTE_ms, closed_ms: NEVER },
    ...{ isSilenced: false, isAcknowledged: false, freed_ms: NEVER, ...change },
  };
}

const over = (minute: number): Partial<Standing> => ({ isOpen: false, closed_ms: minute * MINUTE_ms });
const silenced = { isSilenced: true };
const acknowledged = { isAcknowledged: true };

/** What was told in a minute. */
function told(minute: number, change: Partial<ToldHere> = {}): ToldHere {
  const at = new Date(NOON_ms).toISOString();
  return { round: 1, reminders: 0, ended: false, at, at_ms: minute * MINUTE_ms, ...change };
}

const late: Partial<Receiver> = { after_ms: 15 * MINUTE_ms };
const reminded: Partial<Receiver> = { remind_ms: 30 * MINUTE_ms };

/** `begin 1 at 15`: which event, of which round, due in which minute. */
function inWords(receiver: Partial<Receiver>, state: Partial<Standing>, known: ToldHere | undefined): string {
  const now = { monotonic_ms: 120 * MINUTE_ms, wall_ms: NOON_ms };
  const next = nextStep({ ...PHONE, ...receiver }, standing(state), known, now);
  if (next === undefined) return 'nothing';
  if (!('step' in next)) return `look again at ${next.lookAgain_ms / MINUTE_ms}`;
  const { event, round, reminder } = next.step;
  return `${event}${reminder === 0 ? '' : ` ${reminder}`} of round ${round} at ${next.due_ms / MINUTE_ms}`;
}

/** It is noon, and two hours since the first minute. */
const windows = (...texts: string[]): Partial<Receiver> => ({
  times: new Times(
    texts.map((text) => readTimeWindow(text)!),
    'UTC',
  ),
});

describe('what a receiver is told next', () => {
  it.each<[string, Partial<Receiver>, Partial<Standing>, ToldHere | undefined, string]>([
    ['of an open alert', {}, {}, undefined, 'begin of round 1 at 1'],
    ['when that is known later than it was so', {}, { heard_ms: 3 * MINUTE_ms }, undefined, 'begin of round 1 at 3'],
    ['of what is over', {}, over(5), undefined, 'nothing'],
    ['of what is silenced', {}, silenced, undefined, 'nothing'],
    ['of what was silenced', {}, { freed_ms: 7 * MINUTE_ms }, undefined, 'begin of round 1 at 7'],
    ['of what is acknowledged', {}, acknowledged, undefined, 'begin of round 1 at 1'],
    ['late', late, {}, undefined, 'begin of round 1 at 16'],
    ['late, of what is acknowledged', late, acknowledged, undefined, 'nothing'],
    ['of another severity', { severities: new Set(['warning'] as const) }, {}, undefined, 'nothing'],
    ['of its severity', { severities: new Set(['critical'] as const) }, {}, undefined, 'begin of round 1 at 1'],
    ['of another kind', { kinds: new Set(['disputed'] as const) }, {}, undefined, 'nothing'],
    ['of other tags', { tags: new Set(['roof']) }, {}, undefined, 'nothing'],
    ['of one of its tags', { tags: new Set(['roof', 'core']) }, {}, undefined, 'begin of round 1 at 1'],
    ['once it knows that', {}, {}, told(2), 'nothing'],
    ['when it is to be reminded', reminded, {}, told(2), 'reminder 1 of round 1 at 32'],
    ['after reminders', reminded, {}, told(50, { reminders: 3 }), 'reminder 4 of round 1 at 80'],
    ['when somebody looks after it', reminded, acknowledged, told(2), 'nothing'],
    ['when reminders are silenced', reminded, silenced, told(2), 'nothing'],
    ['when somebody no longer does', reminded, { freed_ms: 90 * MINUTE_ms }, told(2), 'reminder 1 of round 1 at 90'],
    ['when it is over', {}, over(5), told(2), 'end of round 1 at 5'],
    ['when it is over, silenced or not', {}, { ...over(5), ...silenced }, told(2), 'end of round 1 at 5'],
    ['when it is over and no longer its severity', { severities: new Set() }, over(5), told(2), 'end of round 1 at 5'],
    ['once it knows that, too', {}, over(5), told(6, { ended: true }), 'nothing'],
    ['where its broker is slow to see the end', {}, {}, told(3, { ended: true }), 'nothing'],
    [
      'where its broker is slow to see all of it',
      {},
      { opened_ms: 4 * MINUTE_ms },
      told(3, { ended: true }),
      'nothing',
    ],
    ['where it begins again', {}, { opened_ms: 4.1 * MINUTE_ms }, told(3, { ended: true }), 'begin of round 2 at 4.1'],
    ['outside its times', windows('mon 13:00-14:00'), {}, undefined, 'look again at 121'],
    [
      'of what is due later than that',
      { ...late, ...windows('mon 13:00-14:00') },
      { opened_ms: 110 * MINUTE_ms },
      undefined,
      'begin of round 1 at 125',
    ],
    ['in its times', windows('mon 08:00-18:00'), {}, undefined, 'begin of round 1 at 1'],
    ['when its times have just come', windows('mon 11:50-18:00'), {}, undefined, 'begin of round 1 at 110'],
  ])('%s', (_, receiver, state, known, expected) => {
    const opened = state.opened_ms === undefined ? {} : { heard_ms: state.opened_ms };
    expect(inWords(receiver, { ...opened, ...state }, known)).toBe(expected);
  });
});
