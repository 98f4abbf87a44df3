import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlantedWorkspace, TYPES, type Finding, type ProjectType } from './planted-workspace.ts';
import { projectRoots, projectsTagged } from './projects.mjs';

/** Which type may import which, as CONTRIBUTING.md tells people. */
const MAY_IMPORT: Readonly<Record<ProjectType, readonly ProjectType[]>> = {
  core: ['core'],
  adapter: ['core', 'adapter'],
  app: ['core', 'adapter'],
  cli: ['core', 'adapter', 'app'],
  test: ['core', 'adapter', 'app', 'cli', 'test'],
};

/** In test files, adapters, apps and the command line may import test packages as well. */
const TESTS_MAY_IMPORT: Readonly<Record<ProjectType, readonly ProjectType[]>> = {
  ...MAY_IMPORT,
  adapter: [...MAY_IMPORT.adapter, 'test'],
  app: [...MAY_IMPORT.app, 'test'],
  cli: [...MAY_IMPORT.cli, 'test'],
};

interface Violation {
  readonly what: string;
  readonly code: string;
  readonly rule: string;
}

const impureImports: readonly Violation[] = [
  ['imports node:fs', `export { readFileSync } from 'node:fs';`],
  ['imports fs without its prefix', `export { readFileSync } from 'fs';`],
  ['imports a type of node', `import type { Socket } from 'node:net';\nexport type S = Socket;`],
  ['imports a package that is not pure', `export { connect } from 'mqtt';`],
  ['imports a package whose name begins like an allowed one', `export * from 'zod-extra';`],
  ['imports a workspace file by an absolute path', `export * from '/somewhere/else.ts';`],
].map(([what = '', code = '']) => ({ what, code, rule: 'no-restricted-imports' }));

const impureGlobals: readonly Violation[] = [
  'performance.now()',
  'crypto.randomUUID()',
  'setTimeout(() => undefined, 1)',
  'setInterval(() => undefined, 1)',
  'setImmediate(() => undefined)',
  'queueMicrotask(() => undefined)',
  'process.env',
  'fetch("http://127.0.0.1")',
  'console.log("here")',
  'globalThis.Date.now()',
  'Buffer.from("here")',
].map((code) => ({
  what: `uses ${code}`,
  code: `export const planted = (): unknown => ${code};`,
  rule: 'no-restricted-globals',
}));

const impureProperties: readonly Violation[] = ['Date.now()', 'Math.random()', 'AbortSignal.timeout(1)'].map(
  (code) => ({
    what: `uses ${code}`,
    code: `export const planted = (): unknown => ${code};`,
    rule: 'no-restricted-properties',
  }),
);

const impureSyntax: readonly Violation[] = [
  ['reads the clock by new Date()', 'export const planted = (): Date => new Date();'],
  ['reads the clock by Date()', 'export const planted = (): string => Date();'],
  ['hides the clock under another name', 'const Clock = Date;\nexport const planted = (): Date => new Clock();'],
  [
    'hides randomness under another name',
    'const chance = Math;\nexport const planted = (): number => chance.random();',
  ],
  ['computes the name of a property of Date', `export const planted = (): number => Date['now']();`],
  ['imports at run time', `export const planted = (): unknown => import('@guaita/second-core');`],
].map(([what = '', code = '']) => ({ what, code, rule: 'no-restricted-syntax' }));

const impurities = [...impureImports, ...impureGlobals, ...impureProperties, ...impureSyntax];

/** The twin of all the impurities: what they were after, passed in. */
const PURE = `
import { z } from 'zod';
import { name, type Named } from '@guaita/second-core';
import { name as own } from './index.ts';
export const Planted = z.object({ at: z.iso.datetime() });
export function planted(now_ms: number, random: () => number): Named & { at: string; age: number } {
  const age = Math.floor(random() * Date.parse('2026-01-01T00:00:00Z'));
  return { name: name + own, at: new Date(now_ms).toISOString(), age };
}
`;

const careless: readonly Violation[] = [
  {
    what: 'leaves a promise to itself',
    code: 'const work = async (): Promise<void> => {};\nexport function planted(): void { work(); }',
    rule: '@typescript-eslint/no-floating-promises',
  },
  {
    what: 'gives a promise where nobody awaits it',
    code: 'export const planted = (emitter: { on(listener: () => void): void }): void => { emitter.on(async () => {}); };',
    rule: '@typescript-eslint/no-misused-promises',
  },
  {
    what: 'forgets a case',
    code: `export function planted(state: 'up' | 'down'): void { switch (state) { case 'up': break; } }`,
    rule: '@typescript-eslint/switch-exhaustiveness-check',
  },
  {
    what: 'imports a type as a value',
    code: `import { Named } from '@guaita/second-core';\nexport type Planted = Named;`,
    rule: '@typescript-eslint/consistent-type-imports',
  },
  {
    what: 'throws what is no error',
    code: `export function planted(): void { throw 'up'; }`,
    rule: '@typescript-eslint/only-throw-error',
  },
  {
    what: 'swallows an error',
    code: 'export function planted(): void { try { planted(); } catch {} }',
    rule: 'no-empty',
  },
  { what: 'leaves work for later', code: '// TODO: later\nexport const planted = 1;', rule: 'no-warning-comments' },
  {
    what: 'skips a test',
    code: `import { it } from 'vitest';\nit.skip('works', () => {});`,
    rule: 'no-restricted-syntax',
  },
];

const workspace = new PlantedWorkspace();
let found: ReadonlyMap<string, readonly Finding[]> = new Map();
const cases: { title: string; path: string; rule: string | undefined; message?: RegExp }[] = [];

for (const from of TYPES) {
  for (const to of TYPES) {
    for (const [kind, table] of [
      ['source', MAY_IMPORT],
      ['test', TESTS_MAY_IMPORT],
    ] as const) {
      const file = kind === 'source' ? `to-${to}.ts` : `to-${to}.test.ts`;
      const allowed = table[from].includes(to);
      cases.push({
        title: `${allowed ? 'lets' : 'keeps'} a ${kind} file of type:${from} ${allowed ? 'import' : 'from importing'} type:${to}`,
        path: workspace.plant(from, file, `export { name } from '@guaita/second-${to}';\n`),
        rule: allowed ? undefined : '@nx/enforce-module-boundaries',
        message: /can only depend on libs tagged with/,
      });
    }
  }
}
cases.push(
  {
    title: 'lets a contract suite of an adapter import type:test',
    path: workspace.plant('adapter', 'contract.ts', `export { name } from '@guaita/second-test';\n`),
    rule: undefined,
  },
  {
    title: 'keeps projects from importing each other by path',
    path: workspace.plant('app', 'by-path.ts', `export { name } from '../../second-core/src/index.ts';\n`),
    rule: '@nx/enforce-module-boundaries',
  },
  { title: 'lets a core lib be pure', path: workspace.plant('core', 'pure.ts', PURE), rule: undefined },
);
for (const [index, { what, code, rule }] of impurities.entries()) {
  cases.push({
    title: `catches a core lib that ${what}`,
    path: workspace.plant('core', `impure-${index}.ts`, `${code}\n`),
    rule,
  });
}
for (const [index, { what, code, rule }] of careless.entries()) {
  cases.push({
    title: `catches code that ${what}`,
    path: workspace.plant('app', `careless-${index}.ts`, `${code}\n`),
    rule,
  });
}
const clockReaders = `import { hostname } from 'node:os';\nexport const planted = (): string => hostname() + String(Date.now());\n`;
cases.push(
  {
    title: 'lets an adapter read the clock',
    path: workspace.plant('adapter', 'clock.ts', clockReaders),
    rule: undefined,
  },
  {
    title: 'lets a test of a core lib use node',
    path: workspace.plant('core', 'node.test.ts', clockReaders),
    rule: undefined,
  },
);

describe('the lint rules', () => {
  beforeAll(async () => {
    found = await workspace.lint();
  }, 180_000);
  afterAll(() => workspace.remove());

  it.each(cases)('$title', ({ path, rule, message = /./ }) => {
    const findings = found.get(path);
    if (rule === undefined) expect(findings).toEqual([]);
    else expect(findings).toContainEqual({ rule, message: expect.stringMatching(message) });
  });
});

describe('the projects', () => {
  it('bear one type each, which says what they may depend on', () => {
    const typed = TYPES.flatMap((type) => projectsTagged(`type:${type}`));
    expect(typed.sort()).toEqual(projectRoots().sort());
  });

  it('count the model and the wire contract among the pure ones', () => {
    expect(projectsTagged('type:core')).toEqual(expect.arrayContaining(['libs/messages', 'libs/model']));
  });
});
