import { ManualClock } from '@guaita/service';
import { beforeEach, describe, expect, it } from 'vitest';
import { Recorder } from './contract/recorder.ts';
import { RetriedSource, type Session } from './retried-source.ts';

describe('a source that is asked again and again', () => {
  let clock: ManualClock;
  let told: Recorder;
  let begun_ms: number[];

  beforeEach(() => {
    clock = new ManualClock();
    told = new Recorder();
    begun_ms = [];
  });

  /** Without jitter: `random` of 0 shortens no pause. */
  async function start(session: Session): Promise<RetriedSource> {
    const counted: Session = (...args) => {
      begun_ms.push(clock.monotonic_ms());
      return session(...args);
    };
    const source = new RetriedSource({ name: 'test', session: counted, clock, random: () => 0 });
    await source.start(told);
    return source;
  }

  it('is asked at growing intervals while it fails, and each failure is told', async () => {
    const source = await start(() => Promise.reject(new Error('no')));
    await clock.advance(12_000);
    expect(begun_ms).toEqual([0, 200, 600, 1400, 3000, 6000, 9000, 12_000]);
    expect(told.failures.map(({ message }) => message)).toEqual(begun_ms.map(() => 'no'));
    await source.stop();
  });

  it('is asked soon again after it has stood for long', async () => {
    const source = await start(async () => {
      if (begun_ms.length !== 5) throw new Error('no');
      await new Promise<void>((resolve) => clock.after(60_000, resolve));
    });
    await clock.advance(63_500);
    expect(begun_ms).toEqual([0, 200, 600, 1400, 3000, 63_200]);
    await source.stop();
  });

  it('is asked again where it ends in good order, of which nothing is told', async () => {
    const source = await start(async (tell) => tell([]));
    await clock.advance(700);
    expect(told.said).toEqual([[], [], []]);
    expect(told.failures).toEqual([]);
    await source.stop();
  });

  it('makes errors of what is none', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- libraries do
    const source = await start(() => Promise.reject('words'));
    await clock.advance(0);
    expect(told.failures).toEqual([new Error('words')]);
    await source.stop();
  });

  it('says nothing more once it stops, and has ended when it has stopped', async () => {
    let isOpen = false;
    const source = await start(async (tell, signal) => {
      isOpen = true;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      tell([]);
      isOpen = false;
      throw new Error('aborted');
    });
    await clock.advance(0);
    expect(isOpen).toBe(true);
    await source.stop();
    expect(isOpen).toBe(false);
    await clock.advance(60_000);
    expect(told).toMatchObject({ said: [], failures: [] });
    expect(begun_ms).toEqual([0]);
  });

  it('stops at once between two attempts', async () => {
    const source = await start(() => Promise.reject(new Error('no')));
    await clock.advance(2_000);
    await source.stop();
    await clock.advance(60_000);
    expect(begun_ms).toEqual([0, 200, 600, 1400]);
  });

  it('can be stopped without a start', async () => {
    await new RetriedSource({ name: 'test', session: async () => undefined, clock, random: () => 0 }).stop();
  });
});
