import { literal, quoted } from '../engine/sql.ts';
import type { Kind } from '../kinds/kind.ts';

/**
 * A query of all rows in files and tables, with every column of the kind, whatever columns the files have: older ones
 * have fewer. Rows that several hosts kept are in it several times.
 */
export function rowsOf(
  { columns }: Kind,
  { files, tables }: { readonly files: readonly string[]; readonly tables: readonly string[] },
): string {
  const none = columns.map(({ name, type }) => `NULL::${type} AS ${quoted(name)}`).join(', ');
  const queries = [`SELECT ${none} WHERE false`, ...tables.map((table) => `SELECT * FROM ${quoted(table)}`)];
  if (files.length > 0) {
    const list = files.map(literal).join(', ');
    queries.push(`SELECT * FROM read_parquet([${list}], union_by_name = true, hive_partitioning = false)`);
  }
  return queries.join(' UNION ALL BY NAME ');
}
