import { isId, type Id } from '@guaita/model';
import type { Day } from '../day.ts';

/** Names of journal segments and parts: unique for ever, so that a file can name those whose place it takes. */
const OWN = /^(\d{4}-\d{2}-\d{2})-([0-9a-f]{8}-\d+)\.(csv|parquet)$/;

/** @param run drawn at random at each start. */
export function ownName(day: Day, run: string, number: number, ending: 'csv' | 'parquet'): string {
  return `${day}-${run}-${number}.${ending}`;
}

/** The day of reception that a segment's or part's name tells; `undefined` when it is no such name. */
export function dayOfOwn(name: string, ending: 'csv' | 'parquet'): Day | undefined {
  const [, day, , found] = OWN.exec(name) ?? [];
  return found === ending ? day : undefined;
}

const SEALED = /^(.+)-(\d{1,9})\.parquet$/;

/** A sealed file's name: no two hosts write the same one. */
export function sealedName(monitor: Id, number: number): string {
  return `${monitor}-${number}.parquet`;
}

/** Whose file it is, and which of that day; `undefined` when it is no such name. */
export function parseSealed(name: string): { readonly monitor: Id; readonly number: number } | undefined {
  const [, monitor = '', number = ''] = SEALED.exec(name) ?? [];
  if (!isId(monitor) || sealedName(monitor, Number(number)) !== name) return undefined;
  return { monitor, number: Number(number) };
}

/** The name of a monitor’s next file beside those of a folder. */
export function nextSealedName(monitor: Id, names: readonly string[]): string {
  const numbers = names
    .map((name) => parseSealed(name))
    .map((found) => (found?.monitor === monitor ? found.number : 0));
  return sealedName(monitor, Math.max(0, ...numbers) + 1);
}

/** While it is written it has a name that Syncthing leaves alone (its own temporary files begin so). */
const UNFINISHED = /^\.syncthing\.guaita-(.+)\.tmp$/;

export function unfinishedName(name: string): string {
  return `.syncthing.guaita-${name}.tmp`;
}

/** The name that an unfinished file was to have; `undefined` when it is none. */
export function finishedName(name: string): string | undefined {
  return UNFINISHED.exec(name)?.[1];
}
