import { expect, it } from 'vitest';
import { Catalogue } from './catalogue.ts';
import { service } from './services.testdata.ts';

const swarms = (name: string, port?: number) => ({ ...service(name, port), source: 'swarm' });

it('knows which sources are silent, and takes each one’s newest word in place of the one before', () => {
  const catalogue = new Catalogue(['own', 'swarm']);
  expect(catalogue.silent).toEqual(['own', 'swarm']);
  catalogue.take('swarm', [service('a'), service('b')]);
  catalogue.take('own', []);
  expect(catalogue.silent).toEqual([]);
  expect(catalogue.union().services).toEqual([swarms('a'), swarms('b')]);
  catalogue.take('swarm', [service('b', 81)]);
  expect(catalogue.union().services).toEqual([swarms('b', 81)]);
});

it('lets the source that stands first count, whoever speaks first', () => {
  const catalogue = new Catalogue(['own', 'swarm']);
  catalogue.take('swarm', [service('a', 80)]);
  catalogue.take('own', [service('a', 81)]);
  expect(catalogue.union().services).toEqual([{ ...service('a', 81), source: 'own' }]);
});
