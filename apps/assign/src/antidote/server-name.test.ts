import { expect, test } from 'vitest';
import { serverName } from './server-name.ts';

test.each([
  ['antidote-g1-pi-1@127.0.0.1', { host: 'pi-1', generation: 1 }],
  ['antidote-g12-g3-x@127.0.0.1', { host: 'g3-x', generation: 12 }],
  ['antidote@antidote', undefined],
  ['antidote-g1-@127.0.0.1', undefined],
])('%s', (node, name) => expect(serverName(node)).toEqual(name));
