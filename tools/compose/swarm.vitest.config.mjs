import { defineConfig } from 'vitest/config';

/** What needs a Docker engine of its own, and so root and Debian's docker.io: `npm run e2e:swarm`, not `npm test`. */
export default defineConfig({
  test: {
    include: ['tools/compose/src/swarm/*.e2e.ts'],
    // Each has an engine and agents of its own, and tells how long things take.
    fileParallelism: false,
    reporters: ['verbose'],
  },
});
