import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Writes to standard error what Node.js loads, each file on a line. */
const OBSERVER = `
  import { writeSync } from 'node:fs';
  import { registerHooks } from 'node:module';
  registerHooks({ load: (url, context, next) => { writeSync(2, url + '\\n'); return next(url, context); } });
`;

const HEAVY = /node_modules\/(@duckdb|fastify|@kubernetes)\//;

/** What Node.js loads while it runs something. */
function loadedBy(...args: readonly string[]): string[] {
  const observer = `data:text/javascript,${encodeURIComponent(OBSERVER)}`;
  const options = { cwd: import.meta.dirname, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync(process.execPath, ['--import', observer, ...args], options);
  expect(status).toBe(0);
  return stderr.split('\n');
}

describe('the command line', { timeout: 60_000 }, () => {
  it.each(['--version', '--help'])(
    'answers %s with neither the database, nor the HTTP server, nor a client of Kubernetes loaded',
    (flag) => {
      const loaded = loadedBy(join(import.meta.dirname, 'main.ts'), flag);
      expect(loaded).toContainEqual(expect.stringMatching(/apps\/storage\/src\/index\.ts$/));
      expect(loaded.filter((file) => HEAVY.test(file))).toEqual([]);
    },
  );

  it.each(['engine', 'http'])('would be seen to load what is behind @guaita/storage/%s', (part) => {
    const loaded = loadedBy('--input-type=module', '--eval', `import '@guaita/storage/${part}'`);
    expect(loaded).toContainEqual(expect.stringMatching(HEAVY));
  });
});
