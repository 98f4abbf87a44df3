import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeEngine, ProbeResult, ProbeTarget } from './engine.ts';

/** A network for the contract: who answers and who does not. */
export interface ContractNetwork {
  readonly engine: ProbeEngine;
  /** Addresses that answer, at least 20. */
  readonly answering: readonly string[];
  /** Addresses that do not. */
  readonly silent: readonly string[];
  readonly stop: () => Promise<void>;
}

const target = (address: string, more: Partial<ProbeTarget> = {}): ProbeTarget => ({
  address,
  count: 2,
  timeout_ms: 500,
  size_bytes: 56,
  dont_fragment: false,
  ...more,
});

/** What every probe engine does; run by the twin and by the real ones. */
export function probeEngineContract(name: string, make: () => Promise<ContractNetwork>): void {
  describe(`the probe engine ${name}`, () => {
    let network: ContractNetwork;
    let engine: ProbeEngine;
    beforeAll(async () => {
      network = await make();
      engine = network.engine;
      await engine.start();
    });
    afterAll(async () => {
      await engine.stop();
      await network.stop();
    });

    async function probe(targets: readonly ProbeTarget[]): Promise<Map<ProbeTarget, ProbeResult>> {
      const results = new Map<ProbeTarget, ProbeResult>();
      await engine.probe(targets, (given, result) => {
        expect(results.has(given), 'a second result for one target').toBe(false);
        results.set(given, result);
      });
      expect(results.size).toBe(targets.length);
      return results;
    }

    it('gives the round trip of each request to an address that answers', async () => {
      const asked = target(network.answering[0]!, { count: 3 });
      const result = (await probe([asked])).get(asked)!;
      expect(result).toHaveProperty('rtts_ms');
      const { rtts_ms } = result as { rtts_ms: (number | null)[] };
      expect(rtts_ms).toHaveLength(3);
      for (const rtt of rtts_ms) expect(rtt).toBeGreaterThan(0);
    });

    it('gives null for each request to an address that is silent', async () => {
      const asked = target(network.silent[0]!, { count: 3 });
      expect((await probe([asked])).get(asked)).toMatchObject({ rtts_ms: [null, null, null] });
    });

    it('tells many apart in one batch, also of different options', async () => {
      const answering = network.answering.slice(0, 20).map((address, index) =>
        target(address, {
          count: 1 + (index % 2),
          size_bytes: index % 3 === 0 ? 0 : 1000,
          dont_fragment: index % 4 === 0,
        }),
      );
      const silent = network.silent.map((address) => target(address, { count: 1 }));
      const results = await probe([...answering, ...silent]);
      for (const asked of answering) {
        const { rtts_ms } = results.get(asked) as { rtts_ms: (number | null)[] };
        expect(rtts_ms, asked.address).toHaveLength(asked.count);
        expect(rtts_ms, asked.address).not.toContain(null);
      }
      for (const asked of silent) expect(results.get(asked), asked.address).toMatchObject({ rtts_ms: [null] });
    });

    it('gives each its result where one address is asked for twice', async () => {
      const address = network.answering[1]!;
      const results = await probe([target(address), target(address), target(address, { count: 1 })]);
      for (const result of results.values()) expect(result).toHaveProperty('rtts_ms');
    });

    it('has nothing to do for an empty batch', async () => {
      expect(await probe([])).toEqual(new Map());
    });

    it('probes batches beside each other', async () => {
      const batches = network.answering.slice(0, 5).map((address) => [target(address)]);
      const all = await Promise.all(batches.map((batch) => probe(batch)));
      for (const results of all) for (const result of results.values()) expect(result).toHaveProperty('rtts_ms');
    });

    it('gives unknown once it is stopped', async () => {
      await engine.stop();
      const results = await probe([target(network.answering[0]!)]);
      for (const result of results.values()) expect(result).toHaveProperty('unknown');
      await engine.start();
    });
  });
}
