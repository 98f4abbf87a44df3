import { describe } from 'vitest';
import { holdsInSeeds } from './contract.ts';

describe('3 to 8 monitors, 10 to 60 devices', () => {
  holdsInSeeds(500, 500);
});
