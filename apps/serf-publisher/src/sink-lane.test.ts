import { ManualClock } from '@guaita/service';
import { beforeEach, describe, expect, it } from 'vitest';
import { service as record } from './services/services.testdata.ts';
import type { PublishedService } from './services/published-service.ts';
import { SinkLane } from './sink-lane.ts';
import { SinkError, type LeftOut, type Sink } from './sinks/sink.ts';

const service = (name: string): PublishedService => ({ ...record(name), source: 'swarm' });

describe('the lane of a sink', () => {
  let clock: ManualClock;
  /** What the sink was given, `name,name` with `…` where that was not all yet, and when. */
  let given: string[];
  let failures: string[];
  let told: (readonly LeftOut[])[];
  let publish: () => Promise<readonly LeftOut[]>;

  beforeEach(() => {
    clock = new ManualClock();
    given = [];
    failures = [];
    told = [];
    publish = async () => [];
  });

  function lane(repeat_ms = Infinity): SinkLane {
    const sink: Sink = {
      name: 'test',
      publish(services, complete) {
        const names = services.map(({ name }) => name).join();
        given.push(`${clock.monotonic_ms()}: ${names}${complete ? '' : '…'}`);
        return publish();
      },
    };
    return new SinkLane({
      ...{ sink, repeat_ms, clock, random: () => 0 },
      onTold: (leftOut) => told.push(leftOut),
      onFailure: ({ message }) => failures.push(message),
    });
  }

  it('gives what is offered, and says what is left out', async () => {
    const left = [{ service: service('a'), why: 'no room' }];
    publish = async () => left;
    lane().offer([service('a')], false);
    await clock.advance(60_000);
    expect(given).toEqual(['0: a…']);
    expect(told).toEqual([left]);
  });

  it('gives only the newest of what is offered while it is busy', async () => {
    publish = () => new Promise((resolve) => clock.after(1_000, () => resolve([])));
    const it = lane();
    for (const name of ['a', 'b', 'c']) it.offer([service(name)], true);
    await clock.advance(5_000);
    expect(given).toEqual(['0: a', '1000: c']);
  });

  it('gives the same again when it is told to, at once, also while it waits after a failure', async () => {
    const it = lane();
    it.again();
    await clock.advance(100);
    expect(given).toEqual([]);
    it.offer([service('a')], true);
    await clock.advance(100);
    it.again();
    await clock.advance(100);
    publish = () => Promise.reject(new SinkError('away'));
    it.again();
    await clock.advance(50);
    publish = async () => [];
    it.again();
    await clock.advance(100);
    expect(given).toEqual(['100: a', '200: a', '300: a', '350: a']);
  });

  it('tries again at growing intervals while it fails, with what is the newest then', async () => {
    publish = () => Promise.reject(new SinkError('no'));
    const it = lane();
    it.offer([service('a')], true);
    await clock.advance(700);
    it.offer([service('b')], true);
    await clock.advance(8_300);
    expect(given).toEqual(['0: a', '200: a', '600: a', '1400: b', '3000: b', '6000: b', '9000: b']);
    expect(failures).toHaveLength(7);
    publish = async () => [];
    await clock.advance(60_000);
    expect(given).toHaveLength(8);
    await it.stop();
  });

  it('gives the same again now and then, where that is wanted', async () => {
    const it = lane(1_000);
    await clock.advance(5_000);
    expect(given).toEqual([]);
    it.offer([service('a')], true);
    await clock.advance(2_500);
    it.offer([service('b')], true);
    await clock.advance(1_500);
    expect(given).toEqual(['5000: a', '6000: a', '7000: a', '7500: b', '8500: b']);
    await it.stop();
    await clock.advance(60_000);
    expect(given).toHaveLength(5);
  });

  it('ends what it does when it is stopped, also between two attempts, and does no more', async () => {
    let isBusy = false;
    publish = async () => {
      isBusy = true;
      await new Promise<void>((resolve) => setImmediate(resolve));
      isBusy = false;
      return [];
    };
    const busy = lane(1_000);
    busy.offer([service('a')], true);
    await Promise.resolve();
    await busy.stop();
    expect(isBusy).toBe(false);
    publish = () => Promise.reject(new Error('no'));
    const failing = lane();
    failing.offer([service('b')], true);
    await clock.advance(700);
    const count = given.length;
    await failing.stop();
    busy.offer([service('c')], true);
    await clock.advance(60_000);
    expect(given).toHaveLength(count);
  });
});
