import { describe } from 'vitest';
import { holdsInSeeds } from './contract.ts';

describe('30 monitors', () => {
  holdsInSeeds(0, 4, { monitors: 30, devices: 100, links: 'mqtt' }, 2);
});

describe('60 monitors', () => {
  holdsInSeeds(0, 1, { monitors: 60, devices: 200, links: 'mqtt' }, 1);
});
