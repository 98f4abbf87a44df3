import type { Complaints } from '../complaints.ts';
import { printable, type Path } from '../problem.ts';
import type { Entry, Source } from '../source.ts';

/** A file of another tool; what becomes of it is an inventory's source. */
export interface Sheet extends Source {
  readonly entries: Entry[];
}

/** Where something stands. */
export interface Place {
  readonly sheet: Sheet;
  readonly path: Path;
  /** Where the reader knows it without looking again. */
  readonly line?: number;
}

/** Settings of a ping check as the other tool has them, not yet held to our bounds. */
export interface ForeignPing {
  readonly interval_s?: unknown;
  readonly count?: unknown;
  readonly size_bytes?: unknown;
  readonly family?: 'ipv4' | 'ipv6';
}

export interface ForeignSnmp {
  /** What tells one set of credentials from another. It holds secrets: it is compared, and never said or kept. */
  readonly credentials: string;
  /** For people: `v2c`. */
  readonly version?: string;
  readonly port?: unknown;
}

/** A device as the other tool has it: nothing of it is checked. */
export interface ForeignDevice {
  /** What it is called there: `ping monitor`, `host`. */
  readonly kind: string;
  /** What others of the same tool name it by as a parent. */
  readonly key: string;
  readonly name: string;
  /** Tried in this order. */
  readonly addresses: readonly string[];
  /** Words, of which tags are made. */
  readonly tags: readonly string[];
  /** Keys of others. */
  readonly parents?: readonly string[];
  readonly ping?: ForeignPing;
  readonly snmp?: ForeignSnmp;
  readonly place: Place;
}

/** Something of the other tool that has no counterpart here. */
export interface LeftOut {
  /** `HTTP monitor`, `template`. */
  readonly kind: string;
  readonly name: string;
  /** How many there are of them. */
  readonly count: number;
  readonly file: string;
  /** Counted from 1; 0 where the file has no lines, or it stands all over. */
  readonly line: number;
  /** The cause and, where there is one, the mend. */
  readonly reason: string;
}

/** Collects what one import finds. */
export class Harvest {
  readonly devices: ForeignDevice[] = [];
  readonly #leftOut = new Map<Sheet, { readonly item: Omit<LeftOut, 'line' | 'file'>; readonly place: Place }[]>();

  /** Begins a file. */
  sheet(file: string, locate: Source['locate'], complaints: Complaints): Sheet {
    const sheet: Sheet = { file, entries: [], complaints, locate };
    this.#leftOut.set(sheet, []);
    return sheet;
  }

  get sheets(): Sheet[] {
    return [...this.#leftOut.keys()];
  }

  leaveOut(kind: string, name: string, place: Place, reason: string, count = 1): void {
    this.#leftOut
      .get(place.sheet)
      ?.push({ item: { kind: oneLine(kind), name: oneLine(name), count, reason: printable(reason) }, place });
  }

  /** All that was left out, by file and line. */
  leftOut(): LeftOut[] {
    return [...this.#leftOut].flatMap(([sheet, here]) => {
      const lines = sheet.locate(here.map(({ place }) => place.path));
      const items = here.map(({ item, place }, index) => {
        return { ...item, file: sheet.file, line: place.line ?? lines[index] ?? 0 };
      });
      return items.sort((a, b) => a.line - b.line);
    });
  }
}

/** A foreign name as people can read it: on one line, without what takes over a terminal. */
export function oneLine(name: string): string {
  return name
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, MAX_NAME)
    .trim()
    .toWellFormed();
}

/** As long as a device's name may be. */
const MAX_NAME = 200;
