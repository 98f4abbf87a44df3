import { eventually } from '@guaita/lab/eventually';
import { Recorder, sourceContract } from '@guaita/serf-publisher/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRealSwarm, type RealSwarm } from './real-swarm.ts';

const TEST_ms = 300_000;

sourceContract('a real Docker Swarm', startRealSwarm);

describe('a source of a real Docker Swarm', { timeout: TEST_ms }, () => {
  let swarm: RealSwarm;

  beforeAll(async () => {
    swarm = await startRealSwarm();
  }, TEST_ms);

  afterAll(() => swarm.stop(), TEST_ms);

  it('tells ports of mode host while a container runs, and no longer', async () => {
    const told = new Recorder();
    const source = swarm.makeSource();
    await source.start(told);
    try {
      await swarm.putLocal('local', { inside: 8080, published: 30_081 });
      await eventually(() => expect(told.now).toEqual([`http local ${swarm.address}:30081`]));
      await swarm.scale('local', 0);
      await eventually(() => expect(told.now).toEqual([]));
      await swarm.scale('local', 1);
      await eventually(() => expect(told.now).toEqual([`http local ${swarm.address}:30081`]));
      await swarm.remove('local');
      await eventually(() => expect(told.now).toEqual([]));
      expect(told.failures).toEqual([]);
    } finally {
      await source.stop();
    }
  });
});
