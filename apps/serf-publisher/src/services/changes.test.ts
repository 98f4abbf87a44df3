import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesBetween, isChange } from './changes.ts';
import { anyService, service as record } from './services.testdata.ts';
import type { PublishedService } from './published-service.ts';
import type { ServiceRecord } from './service-record.ts';
import { keyOf, unite } from './union.ts';

function service(name: string, port?: number, other?: Partial<ServiceRecord>): PublishedService {
  return { ...record(name, port, other), source: 'swarm' };
}

const anySet = fc.array(anyService).map((services) => unite([{ source: 'any', services }]).services);

describe('changes between two sets of services', () => {
  it('are what came, what is other, and what went', () => {
    const before = [service('a'), service('b'), service('c')];
    const after = [service('b', 81), service('c'), service('d')];
    expect(changesBetween(before, after)).toEqual({
      added: [service('d')],
      changed: [service('b', 81)],
      removed: [service('a')],
    });
  });

  it('are there where another source has a service', () => {
    const taken = { ...service('a'), source: 'announcements' };
    expect(changesBetween([service('a')], [taken])).toEqual({ added: [], changed: [taken], removed: [] });
  });

  it('are none where only the order differs', () => {
    const before = [service('a', 80, { txt: { x: '1', y: '2' } }), service('b')];
    const after = [service('b'), service('a', 80, { txt: { y: '2', x: '1' } })];
    expect(isChange(changesBetween(before, after))).toBe(false);
  });

  it('lead from the one to the other', () => {
    fc.assert(
      fc.property(anySet, anySet, (before, after) => {
        const { added, changed, removed } = changesBetween(before, after);
        const services = new Map(before.map((each) => [keyOf(each), each]));
        for (const each of removed) services.delete(keyOf(each));
        for (const each of [...added, ...changed]) services.set(keyOf(each), each);
        expect(isChange(changesBetween([...services.values()], after))).toBe(false);
        expect(isChange(changesBetween(after, after))).toBe(false);
      }),
    );
  });
});
