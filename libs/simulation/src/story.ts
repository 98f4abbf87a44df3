/** One thing that happened. */
export interface Line {
  readonly at_ms: number;
  readonly text: string;
  /** A device that it is about; none when it is about all. */
  readonly device: string | undefined;
}

/** What happened in a run, in order, in words. */
export class Story {
  readonly #lines: Line[] = [];
  readonly #now_ms: () => number;
  /** Also what members do, not only what is done to them. */
  readonly full: boolean;

  constructor(now_ms: () => number, full: boolean) {
    this.#now_ms = now_ms;
    this.full = full;
  }

  tell(text: string, device?: string): void {
    this.#lines.push({ at_ms: this.#now_ms(), text, device });
  }

  /**
   * The story as text, a line for each thing.
   *
   * @param device leaves out what is about other devices only
   */
  lines(device?: string): string[] {
    return this.#lines
      .filter((line) => device === undefined || line.device === undefined || line.device === device)
      .map(({ at_ms, text }) => `${(at_ms / 1000).toFixed(3).padStart(9)} s  ${text}`);
  }
}
