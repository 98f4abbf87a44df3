import { fields, moment, number } from '../network/read.ts';
import type { Sample } from '../network/samples.ts';

/** What was measured of a device before the page listened. */
export interface Past {
  readonly from_ms: number;
  /** In order of time; a time in which nobody measured has a sample without a round trip and without loss. */
  readonly samples: readonly Sample[];
}

/** As many as the history tells of at once. */
const AT_ONCE = 100;
/** More than anybody scrolls by while a past is fresh; 1.5 kB each. */
const KEPT_MOST = 1_000;
/** The history's steps are as long. */
const FRESH_ms = 5 * 60_000;
/** Who scrolls on does not need what went by. */
const PAUSE_ms = 150;
/** A history that is not there, or failed, is asked again so much later. */
const RETRY_ms = 60_000;

/** How the history is asked, and what time it is; tests give their own. */
export interface SparksParts {
  readonly ask: (path: string) => Promise<unknown>;
  readonly now_ms: () => number;
  readonly later: (act: () => void, delay_ms: number) => () => void;
  /** Told when there is something new to draw. */
  readonly changed: () => void;
}

/** The past of the devices in sight, asked of the history all at once, a few times an hour. */
export class Sparks {
  readonly #parts: SparksParts;
  /** The past of devices that were in sight, those that were asked for last at the end; none where nothing was seen. */
  readonly #known = new Map<string, { readonly past: Past | undefined; readonly asked_ms: number }>();
  #wanted: readonly string[] = [];
  #cancel: (() => void) | undefined;
  #isAsking = false;
  #retry_ms = -Infinity;

  constructor(parts: SparksParts) {
    this.#parts = parts;
  }

  /** The past of a device, as far as it is known by now. */
  of(device: string): Past | undefined {
    return this.#known.get(device)?.past;
  }

  /** Says which devices are in sight; cheap, so that it may be said at each drawing. */
  want(devices: readonly string[]): void {
    const now_ms = this.#parts.now_ms();
    this.#wanted = devices.filter((device) => now_ms - (this.#known.get(device)?.asked_ms ?? -Infinity) >= FRESH_ms);
    if (this.#wanted.length === 0 || this.#cancel !== undefined || this.#isAsking || now_ms < this.#retry_ms) return;
    this.#cancel = this.#parts.later(() => {
      this.#cancel = undefined;
      void this.#ask();
    }, PAUSE_ms);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  async #ask(): Promise<void> {
    const devices = this.#wanted.slice(0, AT_ONCE);
    if (devices.length === 0) return;
    this.#isAsking = true;
    try {
      const pasts = readPasts(await this.#parts.ask(`sparks?devices=${devices.join()}`));
      const asked_ms = this.#parts.now_ms();
      for (const device of devices) {
        this.#known.delete(device);
        this.#known.set(device, { past: pasts.get(device), asked_ms });
      }
      for (const device of this.#known.keys()) {
        if (this.#known.size <= KEPT_MOST) break;
        this.#known.delete(device);
      }
      this.#parts.changed();
    } catch {
      // The lines begin when the page was opened, as they do where there is no history; each view that needs it says so.
      this.#retry_ms = this.#parts.now_ms() + RETRY_ms;
    } finally {
      this.#isAsking = false;
    }
  }
}

/** Reads an answer of `GET /api/sparks`. */
export function readPasts(answer: unknown): Map<string, Past> {
  const told = fields(answer);
  const from_ms = moment(told?.['from']);
  const step_ms = (number(told?.['step_s']) ?? 0) * 1000;
  const pasts = new Map<string, Past>();
  if (from_ms === undefined || step_ms <= 0) return pasts;
  for (const [device, spark] of Object.entries(fields(told?.['sparks']) ?? {})) {
    const { rtt_avg_ms: rtts, loss_percent: losses } = fields(spark) ?? {};
    if (!Array.isArray(rtts) || !Array.isArray(losses)) continue;
    const samples = rtts.map((rtt: unknown, step): Sample => {
      // In the middle of its step, so that it stands before what is heard in the next.
      return {
        at_ms: from_ms + (step + 0.5) * step_ms,
        rtt_ms: number(rtt) ?? NaN,
        loss_percent: number(losses[step]) ?? 0,
      };
    });
    pasts.set(device, { from_ms, samples });
  }
  return pasts;
}

/** What is drawn of a device: its past, and from where the page has listened itself, what it heard. */
export function pastAndHeard(past: Past | undefined, heard: Iterable<Sample>): Sample[] {
  const own = [...heard];
  const since_ms = own[0]?.at_ms ?? Infinity;
  return [...(past?.samples.filter(({ at_ms }) => at_ms < since_ms) ?? []), ...own];
}
