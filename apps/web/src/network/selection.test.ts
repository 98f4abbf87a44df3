import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { isListed, Network, stateOf } from './network.ts';
import { Said } from './said.testdata.ts';
import { ALL, facets, selected, SORTS, statesOf, type Selection } from './selection.ts';
import { STATES } from './state.ts';

let network: Network;
let broker: Said;

beforeEach(() => {
  network = new Network();
  broker = new Said(network);
  broker.monitor('pi-1', { site: 'home' });
  broker.monitor('rack-1', { site: 'rack' });
});

function found(selection: Partial<Selection>): string[] {
  return selected(network, { ...ALL, ...selection }).map(({ id }) => id);
}

it('what is amiss stands first, and equal ones by name, numbers by their size', () => {
  for (const device of ['ap-10', 'ap-9', 'gateway', 'sw']) broker.spec(device);
  for (const [device, state] of [
    ['ap-10', 'up'],
    ['ap-9', 'up'],
    ['gateway', 'up'],
    ['sw', 'down'],
  ] as const) {
    broker.state(device, state);
  }
  expect(found({})).toEqual(['sw', 'ap-9', 'ap-10', 'gateway']);
  expect(found({ sort: 'name', isDescending: true })).toEqual(['sw', 'gateway', 'ap-10', 'ap-9']);
});

it('filters by state, tag, site and all words of a text', () => {
  broker.spec('ap', { name: 'Attic AP', tags: ['wifi'], addresses: ['10.0.7.1'] });
  broker.spec('sw', { name: 'Cellar switch', tags: ['wired'], monitors: ['rack-1'] });
  broker.state('ap', 'down');
  expect(found({ states: ['down'] })).toEqual(['ap']);
  expect(found({ states: ['unknown', 'down'] })).toEqual(['ap', 'sw']);
  expect(found({ tag: 'wired' })).toEqual(['sw']);
  expect(found({ site: 'rack' })).toEqual(['sw']);
  expect(found({ text: 'ATTIC 10.0.7' })).toEqual(['ap']);
  expect(found({ text: 'attic cellar' })).toEqual([]);
  expect(facets(network)).toEqual({ tags: ['wifi', 'wired'], sites: ['home', 'rack'] });
  expect([...statesOf(network, { ...ALL, states: ['down'] })]).toEqual([
    ['down', 1],
    ['unknown', 1],
  ]);
});

it('what is not known stands last in either direction', () => {
  for (const device of ['a', 'b', 'c']) broker.spec(device);
  broker.ping('a', 'pi-1', 9);
  broker.ping('b', 'pi-1', 3);
  expect(found({ sort: 'rtt' })).toEqual(['b', 'a', 'c']);
  expect(found({ sort: 'rtt', isDescending: true })).toEqual(['a', 'b', 'c']);
});

it('five thousand devices are counted, found and sorted as a dumb search finds them', () => {
  const states = fc.sample(fc.constantFrom(...STATES), { numRuns: 5000, seed: 1 });
  for (const [index, state] of states.entries()) {
    broker.spec(`home-${index}`, { tags: [`t${index % 7}`], monitors: index % 3 === 0 ? ['rack-1'] : ['pi-1'] });
    broker.state(`home-${index}`, state);
    broker.ping(`home-${index}`, 'pi-1', index % 50);
  }
  const all = [...network.devices.values()].filter(isListed);
  expect(all).toHaveLength(5000);
  for (const state of STATES) expect(network.counts[state]).toBe(states.filter((other) => other === state).length);
  const selection: Selection = { ...ALL, states: ['down', 'up'], tag: 't3', site: 'rack', text: 'home-1' };
  const dumb = all.filter(
    (row) =>
      ['down', 'up'].includes(stateOf(row)) &&
      row.spec!.tags[0] === 't3' &&
      row.spec!.monitors[0] === 'rack-1' &&
      row.id.includes('home-1'),
  );
  expect(dumb.length).toBeGreaterThan(10);
  for (const sort of SORTS) {
    expect(new Set(selected(network, { ...selection, sort })), sort).toEqual(new Set(dumb));
  }
});
