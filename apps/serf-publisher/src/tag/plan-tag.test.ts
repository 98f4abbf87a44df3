import { encodedTags_bytes, TAGS_LIMIT_bytes } from '@guaita/serf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toCloudy } from './cloudy-record.ts';
import { pack, unpack } from './packing.ts';
import { planTag, type TagPlan, type TagWish } from './plan-tag.ts';
import { anyRecordOfOthers, anyService, HOST, service, typicalServices } from './services.testdata.ts';

const OTHER = { s: 'syncthing', d: 'S', m: 'pi3.guifi.local', i: '10.139.40.22', p: '22000', e: '', t: 'node_id=A' };

function wish(fields: Partial<TagWish> = {}): TagWish {
  return { services: [], complete: true, host: HOST, tags: {}, room_bytes: TAGS_LIMIT_bytes, ...fields };
}

function tagsAfter(tags: TagWish['tags'], { tag }: TagPlan): Record<string, string> {
  const { services: _, ...rest } = tags;
  const text = tag === undefined ? tags['services'] : tag;
  return typeof text === 'string' ? { ...rest, services: text } : rest;
}

function recordsAfter(tags: TagWish['tags'], plan: TagPlan): Record<string, unknown>[] {
  const text = tagsAfter(tags, plan)['services'];
  return text === undefined ? [] : unpack(text);
}

describe('the tag', { timeout: 120_000 }, () => {
  test('tells of twelve typical services, in 512 bytes of tags', () => {
    const plan = planTag(wish({ services: typicalServices(12) }));
    expect(plan.leftOut).toEqual([]);
    expect(recordsAfter({}, plan)).toHaveLength(12);
  });

  test('of two hundred services tells of as many as fit, and names all others', () => {
    const services = typicalServices(200);
    const plan = planTag(wish({ services }));
    const told = recordsAfter({}, plan);
    expect(told.length).toBeGreaterThanOrEqual(12);
    expect(told.length + plan.leftOut.length).toBe(200);
    expect(new Set([...told.map(({ d }) => d), ...plan.leftOut.map(({ name }) => name)]).size).toBe(200);
  });

  test('tells first what a person announced, then what is Guaita’s own, then the rest by type and name', () => {
    const announced = service({ name: 'zz', port: 1, source: 'announcements' });
    const own = service({ name: 'yy', port: 2, source: 'own' });
    const plan = planTag(wish({ services: [...typicalServices(200), own, announced] }));
    expect(
      recordsAfter({}, plan)
        .slice(0, 3)
        .map(({ d }) => d),
    ).toEqual(['zz', 'yy', 'chat']);
  });

  test('keeps what others put there, and comes after it', () => {
    const tags = { services: pack([OTHER]) };
    expect(recordsAfter(tags, planTag(wish({ services: [service()], tags })))).toEqual([
      OTHER,
      toCloudy(service(), HOST),
    ]);
  });

  test('does not tell of a service that another tells of already', () => {
    const tags = { services: pack([{ ...toCloudy(service(), HOST), t: '' }]) };
    expect(planTag(wish({ services: [service()], tags }))).toEqual({ tag: undefined, leftOut: [] });
  });

  test('tells of one port for TCP and for UDP', () => {
    const services = [service({ type: 'dns', port: 53 }), service({ type: 'dns', port: 53, protocol: 'udp' })];
    expect(recordsAfter({}, planTag(wish({ services })))).toHaveLength(2);
  });

  test('loses its record together with its service, and goes with the last one', () => {
    const both = [service(), service({ name: 'git', port: 3000 })];
    const tags = tagsAfter({}, planTag(wish({ services: both })));
    expect(recordsAfter(tags, planTag(wish({ services: [service()], tags })))).toEqual([toCloudy(service(), HOST)]);
    expect(planTag(wish({ tags }))).toEqual({ tag: null, leftOut: [] });
    expect(planTag(wish())).toEqual({ tag: undefined, leftOut: [] });
  });

  test('has a changed port in place of the old one', () => {
    const tags = tagsAfter({}, planTag(wish({ services: [service({ port: 1 })] })));
    const after = recordsAfter(tags, planTag(wish({ services: [service({ port: 2 })], tags })));
    expect(after.map(({ p }) => p)).toEqual(['2']);
  });

  test('loses nothing of before the start until all sources have spoken', () => {
    const tags = tagsAfter({}, planTag(wish({ services: typicalServices(5) })));
    expect(planTag(wish({ complete: false, tags })).tag).toBeUndefined();
    const fresh = service({ name: 'new', port: 7 });
    const more = recordsAfter(tags, planTag(wish({ complete: false, services: [fresh], tags })));
    expect(more).toHaveLength(6);
    expect(recordsAfter(tags, planTag(wish({ services: [fresh], tags })))).toHaveLength(1);
  });

  test('is not said again when a script has turned it round', () => {
    const tags = tagsAfter({}, planTag(wish({ services: typicalServices(5) })));
    const turned = { services: pack(unpack(tags['services'] ?? '').toReversed()) };
    expect(planTag(wish({ services: typicalServices(5), tags: turned })).tag).toBeUndefined();
  });

  test('that cannot be read is not overwritten', () => {
    expect(() => planTag(wish({ services: [service()], tags: { services: 'broken!' } }))).toThrow(
      'tag "services": is not base64',
    );
  });

  const situation = fc
    .record({
      services: fc.array(anyService, { maxLength: 30 }),
      before: fc.array(anyService, { maxLength: 6 }),
      others: fc.array(anyRecordOfOthers, { maxLength: 4 }),
      rest: fc.dictionary(fc.constantFrom('role', 'ipfssvc', 'ünï'), fc.string({ unit: 'binary', maxLength: 40 })),
      complete: fc.boolean(),
    })
    .map(({ others, rest, before, ...more }) => {
      const tags: Record<string, string> = { ...rest };
      const records = [...others, ...before.map((each) => ({ ...toCloudy(each, HOST) }))];
      if (records.length > 0) tags['services'] = pack(records);
      return { ...more, others, tags };
    })
    .filter(({ tags }) => encodedTags_bytes(Object.entries(tags)) <= TAGS_LIMIT_bytes);

  test('never needs more room than there is, and never loses or changes what others put there', () => {
    fc.assert(
      fc.property(situation, ({ others, ...given }) => {
        const plan = planTag(wish(given));
        expect(encodedTags_bytes(Object.entries(tagsAfter(given.tags, plan)))).toBeLessThanOrEqual(TAGS_LIMIT_bytes);
        const after = recordsAfter(given.tags, plan).map((record) => JSON.stringify(record));
        expect(after.slice(0, others.length)).toEqual(others.map((record) => JSON.stringify(record)));
      }),
      { numRuns: 300 },
    );
  });

  test('is as it should be once it is said, and is the same in whatever order services come', () => {
    fc.assert(
      fc.property(situation, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (given, noise) => {
        const plan = planTag(wish(given));
        const tags = tagsAfter(given.tags, plan);
        expect(planTag(wish({ ...given, tags }))).toEqual({ tag: undefined, leftOut: plan.leftOut });
        const shuffled = given.services
          .map((each) => ({ each, at: noise.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ each }) => each);
        expect(planTag(wish({ ...given, services: shuffled }))).toEqual(plan);
      }),
      { numRuns: 200 },
    );
  });
});
