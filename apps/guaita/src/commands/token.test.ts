import { loadConfig } from '@guaita/service';
import { tokensConfig } from '@guaita/storage';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, test } from 'vitest';
import { z } from 'zod';
import { guaita } from './captured-output.testdata.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'token-'));
});
afterEach(() => rm(folder, { recursive: true }));

it.each(['ada', 'Ada: "the" first', '#1', 'null'])(
  'prints the token of %j, and what guaita.yaml keeps of it',
  async (name) => {
    const { code, printed } = await guaita('token', '--role', 'operator', '--name', name);
    expect(code).toBe(0);
    const token = /guaita_[\w-]{43}/.exec(printed)?.[0] ?? '';
    const file = join(folder, 'guaita.yaml');
    await writeFile(file, printed);
    const definitions = [{ name: 'storage', config: z.strictObject({ tokens: tokensConfig }) }];
    expect(loadConfig({ definitions, file, flags: [] }).sections['storage']).toEqual({
      tokens: { [name]: { role: 'operator', sha256: createHash('sha256').update(token).digest('hex') } },
    });
  },
);

it('prints the same as JSON', async () => {
  const { printed } = await guaita('token', '--role', 'viewer', '--name', 'vera', '--json');
  expect(JSON.parse(printed)).toEqual({
    ...{ name: 'vera', role: 'viewer' },
    ...{ token: expect.stringMatching(/^guaita_/), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
});

test.each([
  ['no role', ['--name', 'ada']],
  ['no name', ['--role', 'viewer']],
  ['a role that there is not', ['--role', 'god', '--name', 'ada']],
  ['a name that is none', ['--role', 'viewer', '--name', '']],
])('refuses %s', async (_what, args) => {
  expect(await guaita('token', ...args)).toEqual({ code: 2, printed: '' });
});
