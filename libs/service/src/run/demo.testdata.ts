import { z } from 'zod';
import { secret } from '@guaita/settings';
import type { ServiceDefinition } from '../service.ts';

/** A service of the tests that can be told to go wrong. */
export const demo: ServiceDefinition = {
  name: 'storage',
  description: 'A service of the tests',
  config: z.strictObject({
    token: secret().default('none'),
    trouble: z.enum(['none', 'start', 'stop', 'rejection']).default('none'),
  }),
  create({ log }, config) {
    const { trouble, token } = config as { trouble: string; token: string };
    return {
      async start() {
        log.info(`working with ${token}`);
        if (trouble === 'start') throw new Error('no disk', { cause: new Error('it is full') });
        if (trouble === 'rejection') void Promise.reject(new Error('nobody hears this'));
      },
      stop: () => (trouble === 'stop' ? new Promise<void>(() => undefined) : Promise.resolve()),
    };
  },
};
