import type { Id, Trouble, TroubleKind, Verdict } from '@guaita/model';
import type { Now } from '../now.ts';
import { troubleEndText, troubleText } from './trouble-texts.ts';
import { KEEP, type Wish } from './wish.ts';

/**
 * All monitors of a site probe a device at the same time, and name what they see by the first of them: what they say has
 * gone round by then.
 */
const AGREED_ms = 10_000;

/**
 * Where nobody says that something is amiss, and nobody said that it is over, who measured it is gone: its successor
 * takes over what is told within some polls, or it is nothing any more.
 */
const UNMEASURED_ms = 900_000;

/** What few of a site see is a matter of their own; of the others, a device is polled by one. */
const SEEN_BY_MOST: readonly TroubleKind[] = ['loss', 'latency'];

/** One thing that may be amiss with a device. */
export interface Matter {
  readonly kind: TroubleKind;
  readonly part?: string | undefined;
}

/** What is known of a device when what is amiss with it is looked at. */
export interface ReportFacts {
  readonly name: string;
  readonly verdict: Verdict | undefined;
  /** The monitors of this site that measure it, and can tell. */
  readonly voters: readonly Id[];
}

interface Reported {
  /** What each monitor says is amiss: of a switch, or by whoever makes it up, it may be thousands of things. */
  readonly by: Map<Id, ReadonlyMap<string, Trouble>>;
  /** Since when enough say so, or too few. */
  readonly since: Map<string, { readonly isSeen: boolean; readonly from_ms: number }>;
  /** What somebody who could tell has said to be over. */
  readonly over: Set<string>;
}

/** What monitors say is amiss with devices that answer, and what is to be told of it. */
export class Reports {
  readonly #reported = new Map<Id, Reported>();

  /**
   * A monitor says what is amiss with a device.
   *
   * @param counts whether it can tell: if so, what it says no longer is over.
   */
  note(monitor: Id, device: Id, troubles: readonly Trouble[], counts: boolean): void {
    const { by, over } = this.#of(device);
    const said = new Map(troubles.map((trouble) => [keyOf(trouble), trouble]));
    for (const before of by.get(monitor)?.keys() ?? []) if (counts && !said.has(before)) over.add(before);
    if (said.size === 0) by.delete(monitor);
    else by.set(monitor, said);
    for (const key of said.keys()) over.delete(key);
  }

  /** The device is gone from the inventory. */
  forget(device: Id): void {
    this.#reported.delete(device);
  }

  /** All that somebody says is amiss with it, and what is told of it already, each once. */
  matters(device: Id, told: readonly Matter[]): readonly Matter[] {
    const said = [...(this.#reported.get(device)?.by.values() ?? [])].flatMap((troubles) => [...troubles.values()]);
    return [...new Map([...said, ...told].map((each: Matter) => [keyOf(each), each])).values()];
  }

  /** A device that is not up has worse troubles: they are neither told nor over until it is. */
  wish(device: Id, matter: Matter, { name, verdict, voters }: ReportFacts, now: Now): Wish {
    const key = keyOf(matter);
    const { by, since, over } = this.#of(device);
    if (verdict?.state !== 'up' || verdict.flapping === true || voters.length === 0) {
      since.delete(key);
      return KEEP;
    }
    const seen = voters.flatMap((monitor) => {
      const trouble = by.get(monitor)?.get(key);
      return trouble === undefined ? [] : [{ monitor, trouble }];
    });
    const [first, ...others] = seen;
    const isSeen = seen.length > (SEEN_BY_MOST.includes(matter.kind) ? voters.length / 2 : 0);
    const before = since.get(key);
    const from_ms = before?.isSeen === isSeen ? before.from_ms : now.monotonic_ms;
    since.set(key, { isSeen, from_ms });
    if (isSeen && first !== undefined) {
      const due_ms = from_ms + AGREED_ms;
      if (now.monotonic_ms < due_ms) return { is: 'keep', due_ms };
      const { trouble } = others.reduce((least, each) => (precedes(each.trouble, least.trouble) ? each : least), first);
      const monitors = seen.map(({ monitor }) => monitor);
      const { episode, since: began } = trouble;
      return { is: 'begin', episode, since: began, text: troubleText(name, trouble, monitors, now.wall_ms) };
    }
    const due_ms = from_ms + UNMEASURED_ms;
    if (!over.has(key) && now.monotonic_ms < due_ms) return { is: 'keep', due_ms };
    return { is: 'end', text: troubleEndText(name, matter) };
  }

  #of(device: Id): Reported {
    let reported = this.#reported.get(device);
    if (reported === undefined) {
      reported = { by: new Map(), since: new Map(), over: new Set() };
      this.#reported.set(device, reported);
    }
    return reported;
  }
}

/** One event that several have named is called by the lowest of the names. */
function precedes(a: Trouble, b: Trouble): boolean {
  return a.episode < b.episode;
}

function keyOf({ kind, part }: Matter): string {
  return part === undefined ? kind : `${kind}/${part}`;
}
