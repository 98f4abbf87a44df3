import { quoted } from '../engine/sql.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Rollup } from '../rollup/rollup.ts';

/** The columns of an answer: a name each, and the SQL that gives it. */
export interface Selection {
  readonly names: readonly string[];
  readonly sql: string;
}

/** The part of a device that a row is about, in SQL; `undefined` where rows are about the whole. */
export function partSql({ parts }: Rollup): string | undefined {
  return parts.length === 0 ? undefined : parts.map(quoted).join(` || '/' || `);
}

/** Each measurement: all columns of the kind. */
export function measurementColumns(rollup: Rollup): Selection {
  return selection(rollup, figuresOf(rollup.of, rollup));
}

/** Each bucket. */
export function bucketColumns(rollup: Rollup): Selection {
  return selection(
    rollup,
    rollup.figures.map(({ name }) => name),
  );
}

function figuresOf({ columns }: Kind, { parts }: Rollup): string[] {
  const others = ['monitor', 'device', 'at', 'delay_ms', ...parts];
  return columns.map(({ name }) => name).filter((name) => !others.includes(name));
}

function selection(rollup: Rollup, figures: readonly string[]): Selection {
  const part = partSql(rollup);
  const columns = ['monitor', 'at', ...(part === undefined ? [] : ['part']), ...figures];
  const sql = columns.map((name) => (name === 'part' ? `${part} AS part` : quoted(name))).join(', ');
  return { names: columns, sql };
}

/** The order of an answer. */
export function seriesOrder(rollup: Rollup): string {
  return ['monitor', ...rollup.parts, 'at'].map(quoted).join(', ');
}
