import { expect, it } from 'vitest';
import { wantedFault, WantedEvents } from './wanted-events.ts';

it.each<[string[], string, boolean]>([
  [[], 'deploy', false],
  [['deploy'], 'deploy', true],
  [['deploy'], 'deploy-2', false],
  [['deploy'], 'Deploy', false],
  [['backup-*'], 'backup-', true],
  [['backup-*'], 'backup', false],
  [['backup-*', 'deploy'], 'deploy', true],
  [['*'], 'anything # at + all', true],
  [['*'], 'guaita/alert', false],
  [['guaita*'], 'guaita/alert', false],
])('of %j, %j is wanted: %j', (names, name, isWanted) => {
  expect(new WantedEvents(names).has(name)).toBe(isWanted);
});

it('has an agent stream no more than is wanted where it can tell that', () => {
  expect(new WantedEvents(['deploy', 'reboot now']).types).toBe('user:deploy,user:reboot now');
  expect(new WantedEvents(['deploy', 'backup-*']).types).toBe('user');
});

it.each([
  ['deploy', undefined],
  ['*', undefined],
  ['backup-*', undefined],
  ['a/b', undefined],
  ['guaita/alert', /Guaita’s own/],
  ['guaita/*', /Guaita’s own/],
  ['a,b', /without comma/],
  ['a*b', /only at its end/],
  ['**', /only at its end/],
  ['¿?', /nothing of which a topic/],
])('finds fault with %j: %s', (name, fault) => {
  if (fault === undefined) expect(wantedFault(name)).toBeUndefined();
  else expect(wantedFault(name)).toMatch(fault);
});
