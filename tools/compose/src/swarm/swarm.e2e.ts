import { Recorder, sourceContract } from '@guaita/serf-publisher/contract';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startRealSwarm, type RealSwarm } from './real-swarm.ts';

/** Containers start within seconds. */
const PATIENCE = { timeout: 60_000, interval: 100 };
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
      await vi.waitFor(() => expect(told.now).toEqual([`http local ${swarm.address}:30081`]), PATIENCE);
      await swarm.scale('local', 0);
      await vi.waitFor(() => expect(told.now).toEqual([]), PATIENCE);
      await swarm.scale('local', 1);
      await vi.waitFor(() => expect(told.now).toEqual([`http local ${swarm.address}:30081`]), PATIENCE);
      await swarm.remove('local');
      await vi.waitFor(() => expect(told.now).toEqual([]), PATIENCE);
      expect(told.failures).toEqual([]);
    } finally {
      await source.stop();
    }
  });
});
