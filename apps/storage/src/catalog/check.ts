import { QueryError, type Lane } from '../engine/engine.ts';
import { literal } from '../engine/sql.ts';
import type { Span } from '../history.ts';
import type { Kind } from '../kinds/kind.ts';

/** Of which times a file has rows, and whether it has all columns; or why it is not to be read. */
export type Checked =
  { readonly from_ms: number; readonly to_ms: number; readonly isComplete: boolean } | { readonly problem: string };

/** Looks whether a file is Parquet and has the kind's columns. Its rows are not read but for their times. */
export async function checkFile(lane: Lane, kind: Kind, path: string): Promise<Checked> {
  const file = `read_parquet(${literal(path)}, hive_partitioning = false)`;
  try {
    const columns = await lane.rows<{ column_name: string; column_type: string }>(
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${file})`,
    );
    const types = new Map(columns.map(({ column_name, column_type }) => [column_name, column_type]));
    for (const { name, type } of kind.columns) {
      const found = types.get(name);
      if (found === undefined && kind.key.includes(name)) return { problem: `it has no column ${name}` };
      if (found !== undefined && found !== type) {
        return { problem: `its column ${name} is ${found}, which is to be ${type}` };
      }
    }
    const [row] = await lane.rows<Partial<Span>>(
      `SELECT epoch_ms(min("at")) AS from_ms, epoch_ms(max("at")) AS to_ms FROM ${file}`,
    );
    const { from_ms, to_ms } = row ?? {};
    if (typeof from_ms !== 'number' || typeof to_ms !== 'number') return { problem: 'it has no rows' };
    return { from_ms, to_ms, isComplete: kind.columns.every(({ name }) => types.has(name)) };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { problem: error.message };
  }
}
