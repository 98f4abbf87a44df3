import { expect, it } from 'vitest';
import { Frames, type Clock } from './frames.ts';

/** A clock that a test moves: frames come every 16 ms. */
class ManualFrames implements Clock {
  #now = 0;
  readonly #due: { at: number; act: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  frame(draw: () => void): void {
    this.later(draw, 16);
  }

  later(act: () => void, delay_ms: number): () => void {
    const entry = { at: this.#now + delay_ms, act };
    this.#due.push(entry);
    return () => void this.#due.splice(this.#due.indexOf(entry), 1);
  }

  advance(to_ms: number): void {
    for (;;) {
      this.#due.sort((a, b) => a.at - b.at);
      const next = this.#due[0];
      if (next === undefined || next.at > to_ms) break;
      this.#due.shift();
      this.#now = next.at;
      next.act();
    }
    this.#now = to_ms;
  }
}

function stage(): { clock: ManualFrames; frames: Frames; drawn: number[] } {
  const clock = new ManualFrames();
  const drawn: number[] = [];
  return { clock, drawn, frames: new Frames(clock, () => drawn.push(clock.now())) };
}

it('however many changes come, they are drawn together, in a frame', () => {
  const { clock, frames, drawn } = stage();
  for (let change = 0; change < 10_000; change += 1) frames.changed('now');
  clock.advance(50);
  expect(drawn).toEqual([16]);
});

it('a stream of changes is drawn ten times a second, one of mere figures less often', () => {
  const streams = { now: 0, soon: 0 };
  for (const urgency of ['now', 'soon'] as const) {
    const { clock, frames, drawn } = stage();
    for (let at = 0; at < 10_000; at += 5) {
      clock.advance(at);
      frames.changed(urgency);
    }
    streams[urgency] = drawn.length;
  }
  expect(streams.now).toBeLessThanOrEqual(100);
  expect(streams.now).toBeGreaterThan(60);
  expect(streams.soon).toBeLessThanOrEqual(15);
});

it('what happened does not wait for figures that can wait', () => {
  const { clock, frames, drawn } = stage();
  frames.changed('now');
  clock.advance(20);
  frames.changed('soon');
  clock.advance(30);
  frames.changed('now');
  clock.advance(2000);
  expect(drawn).toEqual([16, 132]);
});

it('what is stopped draws no more', () => {
  const { clock, frames, drawn } = stage();
  frames.changed('now');
  clock.advance(20);
  frames.changed('soon');
  frames.stop();
  clock.advance(5000);
  expect(drawn).toEqual([16]);
});
