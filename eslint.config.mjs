import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier/flat';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { corePurity } from './tools/lint/src/core-purity.mjs';
import { projectsTagged } from './tools/lint/src/projects.mjs';
import { skippedTests } from './tools/lint/src/skipped-tests.mjs';

/** Test files, what they are made of, and the contract suites, with their parts, that a port's twin and adapter both run. */
const TESTS = ['**/*.test.ts', '**/*.testdata.ts', '**/contract.ts', '**/contract/*.ts'];

/** Sources of the pure libs, wherever a project bears the tag. */
const CORE = projectsTagged('type:core').map((root) => `${root}/src/**/*.ts`);

/** Files in core projects that are no part of the pure lib: its tests, and the generator's command line. */
const NOT_PURE = [...TESTS, 'libs/messages/src/asyncapi/main.ts'];

/** Which project may depend on which, by tag. Dependencies point one way: cli → app → adapter → core. */
const DIRECTIONS = {
  'type:core': ['type:core'],
  'type:adapter': ['type:adapter', 'type:core'],
  'type:app': ['type:adapter', 'type:core'],
  'type:cli': ['type:app', 'type:adapter', 'type:core'],
  'type:test': ['*'],
};

/**
 * The boundary rule.
 *
 * @param {readonly string[]} extra tags that adapters, apps and the command line may depend on beside their own
 */
function boundaries(extra = []) {
  const depConstraints = Object.entries(DIRECTIONS).map(([sourceTag, targets]) => ({
    sourceTag,
    onlyDependOnLibsWithTags: sourceTag === 'type:core' ? targets : [...targets, ...extra],
  }));
  return ['error', { enforceBuildableLibDependency: false, allow: [], depConstraints }];
}

export default defineConfig(
  globalIgnores(['**/node_modules', '**/dist', '**/out-tsc', '**/coverage', '**/testdata', '**/gen', '.nx']),
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      // What comes from outside may hold control characters, and is checked for them.
      'no-control-regex': 'off',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      'no-restricted-syntax': ['error', skippedTests],
    },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A schema and its type share one name, and a port's method may be async in one adapter only.
      '@typescript-eslint/no-redeclare': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    plugins: { '@nx': nx },
    rules: { '@nx/enforce-module-boundaries': boundaries() },
  },
  {
    files: TESTS,
    rules: {
      '@nx/enforce-module-boundaries': boundaries(['type:test']),
      // Tests look into JSON and into libraries' untyped corners; what they assert there is their type check.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  { files: CORE, ignores: NOT_PURE, rules: corePurity() },
  prettier,
);
