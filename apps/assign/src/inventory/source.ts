import type { Complaints } from './complaints.ts';
import type { Path } from './problem.ts';

/** One device as a file says it, in the shape of an entry of `devices.yaml`, not yet checked. */
export interface Entry {
  readonly value: unknown;
  /** Where it stands. */
  readonly path: Path;
  /** Where the reader knows it without looking again. */
  readonly line?: number | undefined;
  /** Where a field stands when that is not below `path`. */
  readonly fieldPath?: ((field: Path) => Path) | undefined;
}

/** What a reader makes of one file. */
export interface Source {
  readonly file: string;
  readonly entries: readonly Entry[];
  /** What holds for every entry that does not say otherwise; not yet checked. */
  readonly defaults?: unknown;
  readonly complaints: Complaints;
  /** The lines, from 1, on which the paths stand; of a missing one, where it should be. */
  readonly locate: (paths: readonly Path[]) => readonly number[];
}

/** Reads the text of one format. Never throws: what is wrong goes to the source's complaints. */
export type Reader = (text: string, file: string) => Source;

/** The path of a field of an entry, as the file's author knows it. */
export function fieldPath(entry: Entry, field: Path): Path {
  return entry.fieldPath?.(field) ?? [...entry.path, ...field];
}
