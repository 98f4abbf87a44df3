import { literal, quoted } from '../engine/sql.ts';
import type { Sources } from '../history.ts';
import type { Kind } from '../kinds/kind.ts';

/**
 * A query of all rows in files and tables, with every column of the kind, whatever columns the files have: older ones
 * have fewer. Rows that several hosts kept are in it several times.
 */
export function rowsOf(
  { columns }: Kind,
  { files, tables, areComplete = false }: Pick<Sources, 'files' | 'tables'> & Partial<Pick<Sources, 'areComplete'>>,
): string {
  const all = columns.map(({ name }) => quoted(name)).join(', ');
  const queries = tables.map((table) => `SELECT ${all} FROM ${quoted(table)}`);
  const list = files.map(literal).join(', ');
  // To merge columns by name takes the database as long as to read them, where a few rows of many files are asked for.
  if (files.length > 0 && areComplete) {
    queries.push(`SELECT ${all} FROM read_parquet([${list}], hive_partitioning = false)`);
  } else {
    const none = columns.map(({ name, type }) => `NULL::${type} AS ${quoted(name)}`).join(', ');
    queries.push(`SELECT ${none} WHERE false`);
    if (files.length > 0) {
      queries.push(`SELECT * FROM read_parquet([${list}], union_by_name = true, hive_partitioning = false)`);
    }
  }
  return queries.join(' UNION ALL BY NAME ');
}
