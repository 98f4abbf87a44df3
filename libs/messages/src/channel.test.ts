import { isId, type Id } from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PayloadError, TopicError, type Channel } from './channel.ts';
import { channels } from './channels.ts';
import { expirySeconds } from './expiry.ts';

const all: readonly (readonly [string, Channel])[] = Object.entries(channels);
const utf8 = new TextEncoder();

/** What an attacker would put into a name: levels, wildcards, system topics, control characters, other alphabets. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(
    '',
    '#',
    '+',
    '/',
    'a/b',
    '$SYS',
    'a+',
    '../x',
    'A',
    'é',
    'a\u0000',
    ' a',
    'a\n',
    '-a',
    '.',
    'x'.repeat(64),
  ),
  fc.string({ unit: fc.constantFrom('a', 'z', '0', '.', '-', '_', '/', '+', '#', '$', ' ', 'É'), maxLength: 70 }),
);
const id = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,62}$/);
const base = fc.constantFrom('guaita', 'home/net', 'g');
const channel = fc.constantFrom(...all.map(([, each]) => each));

function withParameters(values: readonly string[], each: Channel): Record<string, Id> {
  return Object.fromEntries(each.parameters.map((name, index) => [name, values[index % values.length] ?? 'x']));
}

describe('a channel', { timeout: 60_000 }, () => {
  it('reads back from a topic the parameters that it was built of', () => {
    fc.assert(
      fc.property(channel, base, fc.array(id, { minLength: 3, maxLength: 3 }), (each, root, ids) => {
        const parameters = withParameters(ids, each);
        expect(each.parse(root, each.topic(root, parameters))).toEqual(parameters);
      }),
      { numRuns: 10_000 },
    );
  });

  it('builds no topic of anything that is not an id', () => {
    fc.assert(
      fc.property(channel, hostile, (each, text) => {
        const parameters = withParameters([text], each);
        if (each.parameters.length === 0 || isId(text)) return;
        expect(() => each.topic('guaita', parameters)).toThrow(TopicError);
        expect(() => each.filter('guaita', parameters)).toThrow(TopicError);
      }),
      { numRuns: 50_000 },
    );
  });

  it('reads no topic that another channel wrote, nor any that holds something that is no id', () => {
    const level = fc.oneof(
      hostile,
      id,
      fc.constantFrom(...new Set(all.flatMap(([, { definition }]) => definition.path.split('/')))),
    );
    fc.assert(
      fc.property(fc.array(level, { maxLength: 6 }), (levels) => {
        const topic = ['guaita', ...levels].join('/');
        const readers = all.filter(([, each]) => each.parse('guaita', topic) !== undefined);
        expect(readers.length).toBeLessThanOrEqual(1);
        for (const [, each] of readers) {
          expect(each.topic('guaita', each.parse('guaita', topic) as Record<string, Id>)).toBe(topic);
        }
      }),
      { numRuns: 50_000 },
    );
  });

  it('makes filters that leave open what is not given', () => {
    expect(channels.ping.filter('guaita')).toBe('guaita/monitor/+/ping/+');
    expect(channels.ping.filter('guaita', { monitor: 'pi-1' })).toBe('guaita/monitor/pi-1/ping/+');
  });

  it('has its own path, and a name that is its key', () => {
    expect(new Set(all.map(([, each]) => each.definition.path.replace(/\{\w+\}/g, '+'))).size).toBe(all.length);
    for (const [name, each] of all) expect(each.definition.name).toBe(name);
  });
});

describe('a payload', () => {
  const topic = 'guaita/monitor/pi-1/ping/router';
  const observation = {
    at: '2026-01-01T00:00:00.000Z',
    address: '10.0.0.1',
    sent: 3,
    received: 2,
    loss_percent: 33.333,
    rtt_min_ms: 1,
    rtt_avg_ms: 2,
    rtt_max_ms: 3,
    jitter_ms: 2,
    state: 'up',
  } as const;

  it('is read back as it was said', () => {
    expect(channels.ping.decode(topic, utf8.encode(channels.ping.encode(observation)))).toEqual(observation);
  });

  it('may hold fields that this version does not know', () => {
    const later = utf8.encode(JSON.stringify({ ...observation, hops: 7 }));
    expect(channels.ping.decode(topic, later)).toEqual(observation);
  });

  it.each([
    ['is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), `${topic}: the payload is not UTF-8 JSON`],
    ['is not JSON', utf8.encode('{'), `${topic}: the payload is not UTF-8 JSON`],
    ['is empty', new Uint8Array(), `${topic}: the payload is not UTF-8 JSON`],
    ['is no object', utf8.encode('7'), `${topic}: payload: Invalid input: expected object, received number`],
    [
      'has a field of the wrong type',
      utf8.encode(JSON.stringify({ ...observation, sent: 'three' })),
      `${topic}: sent: Invalid input: expected number, received string`,
    ],
  ])('that %s is refused with the topic, the field and the cause', (_, payload, message) => {
    expect(() => channels.ping.decode(topic, payload)).toThrow(
      new PayloadError(topic, message.slice(topic.length + 2)),
    );
  });

  it('with any number of mistakes is refused in a few words', () => {
    const refusal = (mistakes: number): string => {
      const claims = Object.fromEntries(Array.from({ length: mistakes }, (_, n) => [`${'Q'.repeat(500)}${n}`, {}]));
      try {
        channels.claims.decode('t', utf8.encode(JSON.stringify({ incarnation: 1, version: 1, claims })));
        return '';
      } catch (error) {
        return (error as PayloadError).message;
      }
    };
    expect(refusal(30)).toMatch(/^t: claims\.QQQ.*; and 20 more$/);
    expect(refusal(30).length).toBeLessThan(4_000);
    // Of a large one the first mistake alone is looked for.
    expect(refusal(4_000)).toMatch(/^t: claims\.Q*$/);
    expect(refusal(4_000).length).toBeLessThan(310);
  });

  it('of any bytes is either refused with a PayloadError or satisfies the schema', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => utf8.encode(text)),
    );
    fc.assert(
      fc.property(channel, bytes, (each, payload) => {
        try {
          expect(each.definition.payload.safeParse(each.decode('t', payload)).success).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(PayloadError);
        }
      }),
      { numRuns: 100_000 },
    );
    // Half a minute on a machine that does nothing else, several times as long on one that is shared.
  }, 240_000);

  it('with one field changed to anything is either refused or satisfies the schema', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(observation)), fc.jsonValue(), (field, value) => {
        const text = JSON.stringify({ ...observation, [field]: value });
        try {
          const read = channels.ping.decode(topic, utf8.encode(text));
          expect(channels.ping.definition.payload.parse(read)).toEqual(read);
        } catch (error) {
          expect(error).toBeInstanceOf(PayloadError);
        }
      }),
      { numRuns: 20_000 },
    );
  }, 60_000);
});

describe('expirySeconds', () => {
  it('gives a fixed time as it is and counts intervals of the check', () => {
    expect(expirySeconds({ after_s: 86_400 })).toBe(86_400);
    expect(expirySeconds({ intervals: 3 }, 0.5)).toBe(2);
    expect(expirySeconds({ intervals: 3 }, 60)).toBe(180);
  });

  it('asks for the interval where it needs one', () => {
    expect(() => expirySeconds({ intervals: 3 })).toThrow('this channel expires after intervals of its check');
  });
});
