import type { Id, PingObservation, Verdict } from '@guaita/model';
import type { Now } from '../now.ts';
import { isSameVotes } from './votes.ts';

/**
 * Figures alone are told again so rarely: each probe of each monitor has new ones, which are to be had from its own
 * topic. Of 35,000 devices this makes a hundred messages a second.
 */
const FIGURES_EVERY_MS = 300_000;

interface Told {
  readonly verdict: Verdict;
  /** When, by the monotonic clock; `undefined`: an earlier speaker said it. */
  readonly at_ms: number | undefined;
}

/** Knows which verdict was told last of each device, and tells what is new. */
export class Teller {
  readonly #told = new Map<Id, Told>();

  /** An earlier speaker said this of a device of which this one has told nothing yet. */
  heard(device: Id, verdict: Verdict): void {
    this.#told.set(device, { verdict, at_ms: undefined });
  }

  /**
   * What is to be told. The first verdict is, also where an earlier speaker said the same: then as it stands, and
   * nobody has to be sent it again.
   */
  tell(device: Id, verdict: Verdict, now: Now): { before: Verdict | undefined; after: Verdict } | undefined {
    const told = this.#told.get(device);
    const isSame = told !== undefined && isSameButFigures(told.verdict, verdict);
    const isFirst = told?.at_ms === undefined;
    if (isSame && !isFirst && !areFiguresNew(told, verdict, now)) return undefined;
    const after = isSame && isFirst ? told.verdict : verdict;
    this.#told.set(device, { verdict: after, at_ms: now.monotonic_ms });
    return { before: told?.verdict, after };
  }

  /** Whether it is time to tell the figures of these observations. */
  wantsFigures(device: Id, observations: ReadonlyMap<Id, PingObservation>, now: Now): boolean {
    const told = this.#told.get(device);
    if (told === undefined) return false;
    return (
      isOld(told, now) || told.verdict.seen_by.some(({ monitor, at }) => at === undefined && observations.has(monitor))
    );
  }

  /** The device is gone. Gives what was told of it last. */
  forget(device: Id): Verdict | undefined {
    const told = this.#told.get(device);
    this.#told.delete(device);
    return told?.verdict;
  }
}

function isSameButFigures(a: Verdict, b: Verdict): boolean {
  return (
    a.state === b.state &&
    a.since === b.since &&
    a.reason === b.reason &&
    a.episode === b.episode &&
    a.flapping === b.flapping &&
    a.maintenance?.until === b.maintenance?.until &&
    a.maintenance?.why === b.maintenance?.why &&
    isSameVotes(a.seen_by, b.seen_by)
  );
}

/** Of the same votes. */
function areFiguresNew(told: Told, { seen_by }: Verdict, now: Now): boolean {
  const known = told.verdict.seen_by;
  return isOld(told, now) || seen_by.some(({ at }, n) => at !== undefined && known[n]?.at === undefined);
}

function isOld({ at_ms = -Infinity }: Told, now: Now): boolean {
  return now.monotonic_ms - at_ms >= FIGURES_EVERY_MS;
}
