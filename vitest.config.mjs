import { defineConfig } from 'vitest/config';

/** All projects' tests in one run: what `npm test` does. In a project's own folder, `vitest` runs that project's alone. */
export default defineConfig({
  test: {
    include: ['{libs,apps,integrations,tools}/*/src/**/*.test.ts', '{e2e,bench}/src/**/*.test.ts'],
    // One more than there are cores on a small machine: many of the long tests wait for real programs and for timers, and
    // with two more those programs wait for each other.
    maxWorkers: 3,
    globalSetup: ['e2e/src/bundle-folder.ts'],
    // Ends a test that hangs. Vitest's own 5 s would fail honest tests on a small machine that is busy: how long a test
    // takes is no part of what it asserts.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 120_000 } },
    reporters: ['default', './tools/setup/src/closing-line.ts'],
  },
});
