import { ClaimBucket, EPISODE_MAX, Header, INCARNATION_MAX, Intent, type Device } from '@guaita/model';
import { describe, expect, test } from 'vitest';
import type { Effect, Now } from './effect.ts';
import { bucketOf } from './hash.ts';
import type { LinkMessage } from './link.ts';
import { Member } from './member.ts';

const POLICY = { monitors_per_device: 2, snmp_per_device: 1, mode: 'spread' } as const;
const WALL_ms = Date.UTC(2026, 0, 1);
const ROUTER: Device = {
  ...{ device: 'router', name: 'router', addresses: ['10.0.0.1'], parents: [], tags: [] },
  checks: {},
};

const at = (monotonic_ms: number): Now => ({ monotonic_ms, wall_ms: WALL_ms + monotonic_ms });

/** A monitor that claims the router and hears one other, which says whatever the wire lets through. */
function hearing(messages: readonly LinkMessage[]): { member: Member; advance: (now_ms: number) => Effect[] } {
  const member = new Member({
    ...{ self: 'one', site: 'home', tags: [], capacity: 10, hostKey: 'a'.repeat(32), incarnation: 1, policy: POLICY },
    ...{ patience: [{ link: 'mqtt', silence_ms: 3_000 }], intents: [], random: () => 0.5 },
  });
  const advance = (now_ms: number): Effect[] => {
    member.advance(at(now_ms));
    return member.effects();
  };
  member.start(at(0));
  member.connected('mqtt', true, at(0));
  member.facts({ probing: true, probe_age_s: 1, isolated: false }, at(0));
  member.intend({ kind: 'device', subject: 'router', feeder: 'command', wanted: true, device: ROUTER }, at(0));
  for (let now_ms = 0; now_ms < 5_000; now_ms += 500) advance(now_ms);
  for (const message of messages) member.heard('mqtt', message, false, at(5_000));
  return { member, advance };
}

function header(fields: Partial<Header>): LinkMessage {
  const known = {
    ...{ host_key: 'b'.repeat(32), incarnation: 1, session: 1, beat: 1, site: 'home', capacity: 10, policy: POLICY },
    ...{ probe_age_s: 1, probing: true, isolated: false, seen: {}, intents: '0'.repeat(16) },
    claims: { version: 0, count: 0, digest: '0'.repeat(16) },
  };
  return { kind: 'header', monitor: 'two', header: Header.parse({ ...known, ...fields }) };
}

function intents(stamp: { readonly at_ms: number; readonly counter: number }): LinkMessage {
  const intent = { kind: 'drain', subject: 'two', stamp: { ...stamp, writer: 'two' }, wanted: true };
  return { kind: 'intents', monitor: 'two', bucket: bucketOf('two'), intents: [Intent.parse(intent)] };
}

function bucket(episode: number): LinkMessage {
  const claims = { router: { state: 'held', sees: 'answering', episode } };
  const content = ClaimBucket.parse({ incarnation: 1, version: 1, claims });
  return { kind: 'bucket', monitor: 'two', bucket: bucketOf('router'), content };
}

describe('the highest numbers that the wire lets through lead a monitor to none that it does not:', () => {
  test.each<[what: string, messages: readonly LinkMessage[]]>([
    [
      'two hosts with one incarnation',
      ['b', 'c'].map((key, beat) => header({ incarnation: INCARNATION_MAX, beat, host_key: key.repeat(32) })),
    ],
    [
      'an incarnation of ours that was seen',
      [header({ seen: { one: { incarnation: Number.MAX_SAFE_INTEGER, version: 0 } } })],
    ],
    ['a capacity', [header({ capacity: Number.MAX_SAFE_INTEGER })]],
    ['a stamp’s time', [intents({ at_ms: 8.64e15, counter: 0 })]],
    ['a stamp’s count', [intents({ at_ms: WALL_ms + 3_600_000, counter: Number.MAX_SAFE_INTEGER })]],
    ['an episode', [header({}), bucket(EPISODE_MAX)]],
  ])('%s', (_, messages) => {
    const { member, advance } = hearing(messages);
    const effects = advance(5_100);
    member.sees('router', 'down', at(6_000));
    member.intend({ kind: 'drain', subject: 'three', wanted: true }, at(6_000));
    effects.push(...advance(6_100), ...advance(7_200));
    const said = effects.flatMap((effect) => (effect.kind === 'say' ? [effect.message] : []));
    expect(new Set(said.map(({ kind }) => kind))).toContain('header');
    for (const message of said) {
      if (message.kind === 'header') expect(Header.parse(message.header)).toEqual(message.header);
      if (message.kind === 'bucket') expect(ClaimBucket.parse(message.content)).toEqual(message.content);
      if (message.kind === 'intents') for (const each of message.intents) expect(Intent.parse(each)).toEqual(each);
    }
    expect(member.devices().get('router')?.held).toContain('one');
  });

  test('a time that no date can tell is no stamp', () => {
    expect(() => intents({ at_ms: 8.64e15 + 1, counter: 0 })).toThrow('at_ms');
  });
});

test('changes that are refused by their stamps do not fill the memory', () => {
  const { member, advance } = hearing([]);
  const stamp = { at_ms: WALL_ms * 2, counter: 0, writer: 'two' };
  for (let each = 0; each < 3_000; each += 1) {
    const intent: Intent = { kind: 'drain', subject: `no-${each}`, stamp, wanted: true };
    member.heard('mqtt', { kind: 'intents', monitor: 'two', bucket: 0, intents: [intent] }, true, at(5_000));
  }
  const trouble = advance(7_000).find((effect) => effect.kind === 'trouble');
  expect(trouble).toMatchObject({ about: 'intents', problem: expect.stringContaining('1000 changes are refused') });
});

test('monitors that are made up do not fill the memory, and the first that finds no room is named', () => {
  const { member, advance } = hearing([]);
  const { header: made } = header({}) as Extract<LinkMessage, { kind: 'header' }>;
  for (let each = 0; each < 1_100; each += 1)
    member.heard('mqtt', { kind: 'header', monitor: `no-${each}`, header: made }, true, at(5_000));
  const content = ClaimBucket.parse({ incarnation: 1, version: 1, claims: {} });
  member.heard('mqtt', { kind: 'bucket', monitor: 'no-1100', bucket: 0, content }, true, at(5_000));
  const trouble = (now_ms: number) =>
    advance(now_ms).find((effect) => effect.kind === 'trouble' && effect.about === 'monitors');
  expect(trouble(7_000)).toMatchObject({
    problem: expect.stringContaining('1000 monitors are known, and "no-1000" is'),
  });
  expect(member.monitors().size).toBe(1_001);
  member.intend({ kind: 'forget', subject: 'no-0', wanted: true, incarnation: 1 }, at(8_000));
  expect(trouble(9_000)).toMatchObject({ problem: undefined });
  member.heard('mqtt', { kind: 'header', monitor: 'no-1000', header: made }, true, at(9_000));
  advance(11_000);
  expect([...member.monitors().keys()]).toContain('no-1000');
});

test('ends of made-up monitors do not fill the memory, are named where those are that do, and leave room for real ones', () => {
  const { member, advance } = hearing([]);
  for (let each = 0; each < 1_100; each += 1)
    member.heard('mqtt', { kind: 'offline', monitor: `no-${each}`, incarnation: 1, session: 1 }, false, at(5_000));
  expect(advance(7_000)).toContainEqual({
    ...{ kind: 'trouble', about: 'monitors' },
    problem: expect.stringContaining('"no-1000" is passed over') as string,
  });
  member.heard('mqtt', header({}), false, at(7_000));
  advance(8_000);
  expect(member.monitors().get('two')).toMatchObject({ alive: true });
});
