import { parseConfig, problemText } from '@guaita/service';
import { describe, expect, it } from 'vitest';
import { storageConfig } from './config.ts';

/** What the section says, or what is wrong with it. */
function read(text: string): unknown {
  const file = { name: 'guaita.yaml', text };
  const definitions = [{ name: 'storage', config: storageConfig }];
  const result = parseConfig({ definitions, file, env: {}, flags: [], hostName: 'one', readFile: () => '' });
  return 'config' in result ? result.config.sections['storage'] : result.problems.map(problemText);
}

describe('the section storage', () => {
  it('is by default what a small host can bear, and keeps what the site sees', () => {
    const bounds = { memory_mb: 96, spill_mb: 1_000, threads: 1 };
    expect(read('monitor: pi-1\n')).toMatchObject({ scope: 'site', ...bounds });
  });

  it.each([
    ['storage: { scope: all }', 'guaita.yaml:1 storage.scope: "all" is not known here; known are "site", "own"'],
    ['storage: { memory_mb: 1 }', 'guaita.yaml:1 storage.memory_mb: 1 is too small; give at least 64'],
    [
      'storage: { keep: { measurements_days: 60, rollups_5m_days: 45 } }',
      'guaita.yaml:1 storage.keep.rollups_5m_days: is shorter than measurements_days (60), which it is made of; give at least as many days',
    ],
    ['storage: { max_mb: 0 }', 'guaita.yaml:1 storage.max_mb: 0 is too small; give at least 1'],
    ['storage: { folder: "" }', 'guaita.yaml:1 storage.folder: "" is too short; give at least 1 character'],
    ['storage: { foldr: /srv }', 'guaita.yaml:1 storage.foldr: unknown key; did you mean "folder"?'],
  ])('refuses %s with where, why and what instead', (text, problem) => {
    expect(read(text)).toEqual([problem]);
  });
});
