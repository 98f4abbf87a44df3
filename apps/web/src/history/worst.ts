import { fields, number, text } from '../network/read.ts';

/** By what devices, or their interfaces, are ranked. */
export const WORST_BY = {
  loss: 'Lost replies',
  rtt: 'Round trip',
  rtt_p95: 'Round trip, 95 %',
  in: 'Traffic in',
  out: 'Traffic out',
  errors: 'Interface errors',
} as const;
export type WorstBy = keyof typeof WORST_BY;

/** How a device, or a part of it, did, as the monitor saw it for which it was worst. */
export interface WorstRow {
  readonly device: string;
  readonly part: string | undefined;
  readonly value: number;
  /** The worst first. */
  readonly seenBy: readonly { readonly monitor: string; readonly value: number; readonly count: number }[];
}

/** Reads an answer of `GET /api/worst`, which ranks what each monitor saw: each device, or part, stands once. */
export function readWorst(answer: unknown, most: number): WorstRow[] {
  const rows: unknown = fields(answer)?.['worst'];
  const found = new Map<string, WorstRow & { seenBy: { monitor: string; value: number; count: number }[] }>();
  for (const row of Array.isArray(rows) ? rows.map(fields) : []) {
    const device = text(row?.['device']);
    const monitor = text(row?.['monitor']);
    const value = number(row?.['value']);
    if (row === undefined || device === undefined || monitor === undefined || value === undefined) continue;
    const part = text(row['part']);
    const key = `${device}\n${part ?? ''}`;
    const known = found.get(key) ?? { device, part, value, seenBy: [] };
    found.set(key, known);
    known.seenBy.push({ monitor, value, count: number(row['count']) ?? 0 });
  }
  return [...found.values()].slice(0, most);
}
