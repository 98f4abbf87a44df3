import { defineConfig } from 'vitest/config';

/** What needs a Docker engine of its own, and so root and Debian's docker.io: `npm run e2e:swarm`, not `npm test`. */
export default defineConfig({
  test: {
    include: ['tools/compose/src/swarm/*.e2e.ts'],
    reporters: ['verbose'],
  },
});
