import type { Urgency } from '../network/network.ts';

/** What happened is seen well within a blink; while thousands of messages come, the page is drawn ten times a second. */
const NOW_ms = 100;
/** Figures that change faster than that cannot be read. */
const SOON_ms = 700;

/** How the browser is asked: for a frame, for a delay; tests give their own. */
export interface Clock {
  now(): number;
  frame(draw: () => void): void;
  later(act: () => void, delay_ms: number): () => void;
}

/** Gathers changes, so that however many messages come the page is drawn at most once in a while, in a frame. */
export class Frames {
  readonly #clock: Clock;
  readonly #draw: () => void;
  #drawn_ms = -Infinity;
  #cancel: (() => void) | undefined;
  #due_ms = Infinity;
  #isFrameAsked = false;

  constructor(clock: Clock, draw: () => void) {
    this.#clock = clock;
    this.#draw = draw;
  }

  /** Something is to be seen, and how soon. */
  changed(urgency: Urgency): void {
    if (this.#isFrameAsked) return;
    const now_ms = this.#clock.now();
    const due_ms = Math.max(now_ms, this.#drawn_ms + (urgency === 'now' ? NOW_ms : SOON_ms));
    if (due_ms >= this.#due_ms) return;
    this.stop();
    this.#due_ms = due_ms;
    if (due_ms <= now_ms) this.#askFrame();
    else this.#cancel = this.#clock.later(() => this.#askFrame(), due_ms - now_ms);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#due_ms = Infinity;
  }

  #askFrame(): void {
    this.#cancel = undefined;
    this.#due_ms = Infinity;
    this.#isFrameAsked = true;
    this.#clock.frame(() => {
      this.#isFrameAsked = false;
      this.#drawn_ms = this.#clock.now();
      this.#draw();
    });
  }
}

/** The browser's own. A hidden page gets no frames, and so costs nothing. */
export const browserClock: Clock = {
  now: () => performance.now(),
  frame: (draw) => void requestAnimationFrame(draw),
  later: (act, delay_ms) => {
    const timer = setTimeout(act, delay_ms);
    return () => clearTimeout(timer);
  },
};
