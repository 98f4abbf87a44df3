import { formatProblem } from '@guaita/assign/inventory';
import { ORIGIN_NAMES, type Imported, type LeftOut, type NeededProfile } from '@guaita/assign/inventory/import';
import { table } from '../table.ts';

/** How many there are of each kind that was left out, the most first. */
export function countsOf(leftOut: readonly LeftOut[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { kind, count } of leftOut) counts.set(kind, (counts.get(kind) ?? 0) + count);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

/** Lines for people: everything that is to be said of an import, one by one, and then in figures. */
export function renderReport({ from, devices, problems, leftOut, profiles }: Imported): string[] {
  const counts = Object.entries(countsOf(leftOut)).map(([kind, count]) => [kind, `${count}`]);
  const carried = devices.length === 1 ? '1 device' : `${devices.length} devices`;
  return [
    ...problems.map(formatProblem),
    ...leftOut.map(renderLeftOut),
    ...(counts.length === 0 ? [] : ['', ...table([['left out', 'count'], ...counts]), '']),
    ...profiles.map(renderProfile),
    ...(from === undefined || devices.length === 0 ? [] : [`${carried} of ${ORIGIN_NAMES[from]} carried over`]),
  ];
}

function renderLeftOut({ kind, name, count, file, line, reason }: LeftOut): string {
  const place = line === 0 ? file : `${file}:${line}`;
  return `${place} ${count === 1 ? '' : `${count} × `}${kind} ${JSON.stringify(name)}: left out: ${reason}`;
}

function renderProfile({ profile, devices, like, version }: NeededProfile): string {
  const whose = devices === 1 ? like : `${like} and ${devices - 1} more`;
  const kind = version === undefined ? '' : ` (${version})`;
  return `SNMP profile "${profile}"${kind} of ${whose}: give its credentials to the snmp service; see docs/snmp.md`;
}
