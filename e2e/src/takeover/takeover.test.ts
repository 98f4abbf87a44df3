import { eventually } from '@guaita/lab/eventually';
import { startSite, type Site } from '@guaita/site-lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MONITORS = ['pi-1', 'pi-2', 'pi-3'] as const;
const DEVICES = 200;
/** A shared machine may be slow; how fast it is, the bench measures. */
const PATIENCE_ms = 60_000;

/** Three hosts of one site, each with a Mosquitto that pushes its own monitor's subtree to the others. */
let site: Site;

beforeAll(async () => {
  site = await startSite({
    monitors: MONITORS,
    devices: DEVICES,
    interval_s: 30,
    monitorsPerDevice: 2,
    bridged: true,
  });
}, 2 * PATIENCE_ms);

afterAll(async () => {
  await site.stop();
});

/** What has been seen from outside since a moment, twice a second: devices that no live monitor claimed. */
function everUnclaimed(since_ms: number): string[] {
  const looks = site.observer.looks.filter(({ at_ms }) => at_ms >= since_ms);
  expect(looks.length).toBeGreaterThan(1);
  return [...new Set(looks.flatMap(({ unclaimed }) => unclaimed))];
}

describe('three monitors on three bridged brokers', { timeout: 4 * PATIENCE_ms }, () => {
  it('leave no device unclaimed while each in turn is shut down and comes back', async () => {
    const begin_ms = performance.now();
    for (const monitor of MONITORS) {
      await site.shutDown(monitor);
      await site.bringBack(monitor);
      // As before: each device is held by two, has been probed by both, and all three know the same.
      await site.settled(PATIENCE_ms);
    }
    expect(everUnclaimed(begin_ms)).toEqual([]);
  });

  it('take over every device of one that is killed together with its broker, and release none of their own', async () => {
    const { observer } = site;
    // The one with the inventory's file: what stands in it must not go with it.
    const [victim, ...others] = MONITORS;
    const watched = [...observer.monitor(victim).claims.states.keys()];
    expect(watched.length).toBeGreaterThan(DEVICES / 3);
    const taken = new Map(watched.map((device) => [device, others.filter((each) => !claims(each, device))]));
    const begin_ms = performance.now();
    const wall_ms = Date.now();

    await site.kill(victim);
    await site.settled(PATIENCE_ms);

    for (const device of watched) {
      const [successor = ''] = taken.get(device) ?? [];
      expect(observer.claimants(device, 'held')).toEqual(others);
      // It may have probed it before, in a restart of another, so that an older probe is known of it.
      await eventually(() =>
        expect(observer.monitor(successor).probe(device)?.at_ms, device).toBeGreaterThanOrEqual(wall_ms),
      );
    }
    expect(everUnclaimed(begin_ms)).toEqual([]);
    const given = observer.changes.filter(({ heard_ms, from }) => heard_ms >= begin_ms && from !== undefined);
    expect(given).toEqual([]);
    expect(observer.invalid).toEqual([]);
  });
});

function claims(monitor: string, device: string): boolean {
  return site.observer.monitor(monitor).claims.states.has(device);
}
