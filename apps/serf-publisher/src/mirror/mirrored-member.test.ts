import { SerfMember } from '@guaita/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { member } from './members.testdata.ts';
import { named, toldOf } from './mirrored-member.ts';

const SINCE = '2026-01-01T00:00:00.000Z';

describe('members', () => {
  it('are told under ids made of their names', () => {
    const { members, remarks } = named([member('Pi 3'), member('pi-4')]);
    expect(members.map(({ id, member: { name } }) => [id, name])).toEqual([
      ['pi-4', 'pi-4'],
      ['pi-3', 'Pi 3'],
    ]);
    expect(remarks).toEqual([]);
  });

  it('whose names make one id are not mixed up: who is alive goes first, then who is called so', () => {
    const rivals = [member('pi-3', { status: 'failed' }), member('PI 3'), member('Pi/3')];
    const { members, remarks } = named(rivals);
    expect(members.map(({ member: { name } }) => name)).toEqual(['PI 3']);
    expect(remarks).toEqual([
      'Serf member "Pi/3": its id pi-3 is that of "PI 3", which is told of instead; rename one of them',
      'Serf member "pi-3": its id pi-3 is that of "PI 3", which is told of instead; rename one of them',
    ]);
    expect(named([member('Pi 3'), member('pi-3')]).members.map(({ member: { name } }) => name)).toEqual(['pi-3']);
    expect(named(rivals.toReversed())).toEqual({ members, remarks });
  });

  it('of whose names nothing can stand in a topic are named, and left out', () => {
    const { members, remarks } = named([member('#/+'), member('a\u0000\nb')]);
    expect(members.map(({ id }) => id)).toEqual(['a-b']);
    expect(remarks).toEqual([
      'Serf member "#/+": nothing of its name can stand in an id; it is not told of; rename its agent',
    ]);
  });

  it('are not told of without end', () => {
    const { members, remarks } = named(Array.from({ length: 5_000 }, (_, index) => member(`m${index}`)));
    expect(members).toHaveLength(4_096);
    expect(remarks).toEqual(['Serf has 5000 members, of which 4096 are told of; look who sends all these names']);
  });

  it('are told with all that Serf says of them but their services', () => {
    const tags = { services: 'QlpoOTE', role: 'router', cloud: 'x' };
    expect(toldOf(member('Pi 3', { status: 'leaving', tags }), SINCE)).toEqual({
      name: 'Pi 3',
      address: '10.0.0.1',
      port: 7946,
      status: 'leaving',
      since: SINCE,
      tags: { cloud: 'x', role: 'router' },
    });
    expect(toldOf(member('a', { status: 'none' }), SINCE)).toBeUndefined();
  });

  it('are what MQTT takes, whatever others call themselves', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(text, fc.dictionary(text, text), (name, tags) => {
        const told = toldOf(member(name, { tags }), SINCE);
        expect(SerfMember.safeParse(told).error).toBeUndefined();
        expect(Object.getPrototypeOf(told?.tags)).toBe(Object.prototype);
      }),
    );
  });
});
