import type { Intent } from '@guaita/model';
import { expect, test } from 'vitest';
import type { Effect } from './effect.ts';
import { bucketOf } from './hash.ts';
import { IntentTelling } from './intent-telling.ts';
import { digestOf, Intents } from './intents.ts';

const BUCKET = bucketOf('router');
const MQTT = ['mqtt'];
/** Longer than any waits for another to say it. */
const LATER_ms = 10_000;

function fed(feeder: string, at_ms = 1): Intent {
  const device = { device: 'router', name: 'router', addresses: ['192.0.2.1'], parents: [], tags: [], checks: {} };
  return {
    kind: 'device',
    subject: 'router',
    feeder,
    stamp: { at_ms, counter: 0, writer: feeder },
    wanted: true,
    device,
  };
}

/** A monitor "one" that knows some intents, and what it says. */
function begin(...known: Intent[]) {
  const intents = new Intents();
  const telling = new IntentTelling('one', intents, () => 0.5);
  let now_ms = 0;
  intents.merge(known);
  const said = (effects: Iterable<Effect>): string[] =>
    Array.from(effects, (effect) => {
      if (effect.kind !== 'say' || effect.message.kind !== 'intents') return effect.kind;
      const feeders = Array.from(effect.message.intents, (intent) => (intent.kind === 'device' ? intent.feeder : ''));
      return `${feeders.join('+') || 'nothing'} on ${(effect.links ?? ['all']).join()}`;
    });
  return {
    telling,
    hear: (monitor: string, heard: Intent[], link = 'mqtt', digest = digestOf(heard)): void => {
      intents.merge(heard);
      telling.heard(link, { kind: 'intents', monitor, bucket: BUCKET, intents: heard }, digest, now_ms);
    },
    atOnce: (links = MQTT) => said(telling.effects(links, now_ms)),
    later: (links = MQTT) => said(telling.effects(links, (now_ms += LATER_ms))),
  };
}

test('what is entered is said at once, and once', () => {
  const { telling, atOnce, later } = begin(fed('one'));
  telling.tell(BUCKET);
  expect(atOnce()).toEqual(['one on all']);
  expect([...atOnce(), ...later()]).toEqual([]);
});

test('what was on disk is said a little later, unless another has said it by then', () => {
  const alone = begin(fed('one'));
  alone.telling.relay(BUCKET, 0);
  expect(alone.atOnce()).toEqual([]);
  expect(alone.later()).toEqual(['one on mqtt']);
  const other = begin(fed('one'));
  other.telling.relay(BUCKET, 0);
  other.hear('two', [fed('one')]);
  expect(other.later(['mqtt', 'antidote'])).toEqual(['one on antidote']);
});

test('what a former self left there is not said again, and where it is old it is', () => {
  const same = begin(fed('one', 2));
  same.telling.relay(BUCKET, 0);
  same.hear('one', [fed('one', 2)]);
  expect(same.later()).toEqual([]);
  const old = begin(fed('one', 2));
  old.hear('one', [fed('one', 1)]);
  expect(old.later()).toEqual(['one on mqtt']);
});

test('parts of a former self that are not of one time are said again', () => {
  const all = [fed('one', 2), fed('two')];
  const { hear, later } = begin(...all);
  hear('one', [fed('one', 1)]);
  hear('one', [fed('two')], 'mqtt', digestOf(all));
  expect(later()).toEqual(['one+two on mqtt']);
});

test('once another has said all of it, what we said before is taken away; what is said last stays', () => {
  const { telling, hear, atOnce, later } = begin(fed('one'));
  telling.tell(BUCKET);
  atOnce();
  hear('two', [fed('one'), fed('two')]);
  expect(later()).toEqual(['nothing on mqtt']);
  expect(later()).toEqual([]);
  hear('three', [fed('one'), fed('two')]);
  expect(later()).toEqual([]);
});

test('two who have said all of it both let it stand', () => {
  const { telling, hear, atOnce, later } = begin(fed('one'), fed('two'));
  telling.tell(BUCKET);
  atOnce();
  hear('two', [fed('one'), fed('two')]);
  expect(later()).toEqual([]);
});

test('an old message that comes late does not make what is carried be said again', () => {
  const { hear, later } = begin(fed('one'), fed('two'));
  hear('two', [fed('one'), fed('two')]);
  hear('three', [fed('one')]);
  expect(later()).toEqual([]);
});

test('parts are joined one by one, and nothing is said when all have come', () => {
  const all = [fed('one'), fed('two')];
  const { hear, later } = begin();
  for (const part of all) hear('two', [part], 'mqtt', digestOf(all));
  expect(later()).toEqual([]);
  const lost = begin();
  lost.hear('two', all.slice(0, 1), 'mqtt', digestOf(all));
  expect(lost.later()).toEqual(['one on mqtt']);
});

test('who asks is answered with all of the buckets that differ', () => {
  const { telling, atOnce } = begin(fed('one'));
  telling.asked('mqtt', [], 0);
  expect(atOnce()).toEqual(['one on mqtt']);
});
