interface Line {
  readonly at_ms: number;
  readonly text: string;
  /** A device that it is about; none when it is about all. */
  readonly device: string | undefined;
  /** How often it happened within a moment. */
  times: number;
}

/** What happens again within this is told once, with its number. */
const MOMENT_ms = 500;

/** What happened in a run, in order, in words. */
export class Story {
  readonly #lines: Line[] = [];
  readonly #repeated = new Map<string, Line>();
  readonly #now_ms: () => number;
  /** Also what members do, not only what is done to them. */
  readonly full: boolean;

  constructor(now_ms: () => number, full: boolean) {
    this.#now_ms = now_ms;
    this.full = full;
  }

  /** Tells of one thing; of a device's affairs when one is named. */
  tell(text: string, device?: string): Line {
    const line = { at_ms: this.#now_ms(), text, device, times: 1 };
    this.#lines.push(line);
    return line;
  }

  /** Tells of something that comes in crowds. */
  tally(text: string): void {
    const line = this.#repeated.get(text);
    if (line !== undefined && this.#now_ms() - line.at_ms < MOMENT_ms) line.times++;
    else this.#repeated.set(text, this.tell(text));
  }

  /**
   * The story as text, a line for each thing.
   *
   * @param device leaves out what is about other devices only
   */
  lines(device?: string): string[] {
    return this.#lines
      .filter((line) => device === undefined || line.device === undefined || line.device === device)
      .map(
        ({ at_ms, text, times }) =>
          `${(at_ms / 1000).toFixed(3).padStart(9)} s  ${text}${times === 1 ? '' : ` (${times} times)`}`,
      );
  }
}
