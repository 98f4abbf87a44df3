import { describe } from 'vitest';
import { holdsInSeeds } from './contract.ts';

describe('10 to 20 monitors, over MQTT and the database', () => {
  holdsInSeeds(0, 4, { monitors: 10, links: 'both' }, 4);
  holdsInSeeds(4, 3, { monitors: 14, links: 'both' }, 3);
  holdsInSeeds(7, 2, { monitors: 20, links: 'both' }, 2);
});

describe('30 monitors', () => {
  holdsInSeeds(0, 4, { monitors: 30, devices: 100, links: 'mqtt' }, 2);
});

describe('60 monitors', () => {
  holdsInSeeds(0, 1, { monitors: 60, devices: 200, links: 'mqtt' }, 1);
});
