import { Health, ManualClock } from '@guaita/service';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { Rounds, type Attempt } from './rounds.ts';

const EVERY_ms = 1_000;

let clock: ManualClock;
let health: Health;
let log: string[];
beforeEach(() => {
  clock = new ManualClock();
  health = new Health();
  log = [];
});

function roundsOf(round: (attempt: Attempt) => Promise<void>): Rounds {
  const logger = pino({}, { write: (line: string) => void log.push(line) });
  return new Rounds({ component: 'tidying', round, every_ms: EVERY_ms, clock, log: logger, health });
}

/** Rounds that each wait until they are let go. */
function heldRounds(): { readonly rounds: Rounds; readonly begun: () => number; readonly letGo: () => void } {
  let begun = 0;
  let held = Promise.withResolvers<void>();
  const rounds = roundsOf(async () => {
    begun += 1;
    await held.promise;
  });
  const letGo = (): void => {
    held.resolve();
    held = Promise.withResolvers();
  };
  return { rounds, begun: () => begun, letGo };
}

describe('rounds', () => {
  it('come at once and every so often', async () => {
    let count = 0;
    const rounds = roundsOf(async () => void (count += 1));
    rounds.start();
    await rounds.idle();
    expect(count).toBe(1);
    await clock.advance(3 * EVERY_ms);
    expect(count).toBe(4);
    expect(health.parts.get('tidying')).toEqual({ ok: true, detail: '' });
    await rounds.stop();
  });

  it('that are due, or asked for, while one runs come as one, after it', async () => {
    const { rounds, begun, letGo } = heldRounds();
    rounds.start();
    await clock.advance(2.5 * EVERY_ms);
    rounds.now();
    expect(begun()).toBe(1);
    letGo();
    await clock.advance(0);
    expect(begun()).toBe(2);
    letGo();
    await rounds.idle();
    expect(begun()).toBe(2);
    await rounds.stop();
  });

  it('tell what fails, do the rest all the same, and come again', async () => {
    let isFailing = true;
    const done: string[] = [];
    const rounds = roundsOf(async (attempt) => {
      await attempt('sweeping', () => (isFailing ? Promise.reject(new Error('no broom')) : Promise.resolve()));
      await attempt('mopping', async () => void done.push('mopped'));
      if (isFailing) throw new Error('no soap');
    });
    rounds.start();
    await rounds.idle();
    const detail = 'sweeping: no broom; it is tried again; tidying: no soap; it is tried again';
    expect(health.parts.get('tidying')).toEqual({ ok: false, detail });
    expect(log).toEqual([expect.stringContaining('sweeping failed'), expect.stringContaining('tidying failed')]);
    expect(done).toEqual(['mopped']);
    isFailing = false;
    await clock.advance(EVERY_ms);
    expect(health.parts.get('tidying')).toEqual({ ok: true, detail: '' });
    expect(done).toEqual(['mopped', 'mopped']);
    await rounds.stop();
  });

  it('are stopped once the one that runs has ended, and none comes after that', async () => {
    const { rounds, begun, letGo } = heldRounds();
    rounds.start();
    rounds.now();
    let isStopped = false;
    const stopping = rounds.stop().then(() => (isStopped = true));
    await clock.advance(2 * EVERY_ms);
    expect(isStopped).toBe(false);
    letGo();
    await stopping;
    rounds.now();
    await clock.advance(2 * EVERY_ms);
    expect(begun()).toBe(1);
  });

  it('are broken off by their signal, which is no failure, and begin nothing else', async () => {
    const begun: string[] = [];
    const rounds = roundsOf(async (attempt) => {
      await attempt('waiting', async () => {
        begun.push('waiting');
        await new Promise((_resolve, reject) => rounds.signal.addEventListener('abort', reject));
      });
      await attempt('more', async () => void begun.push('more'));
    });
    rounds.start();
    await rounds.stop();
    expect(begun).toEqual(['waiting']);
    expect(health.parts.get('tidying')).toBeUndefined();
    expect(log).toEqual([]);
  });
});
