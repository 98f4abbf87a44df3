import type { Span } from '../history.ts';

/** A name in SQL: `at` is a word of it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The condition that a row is of a span, in SQL; its bounds stand there as numbers, since a view takes no parameters. */
export function within({ from_ms, to_ms }: Span): string {
  return `"at" >= make_timestamp_ms(${Math.floor(from_ms)}) AND "at" < make_timestamp_ms(${Math.ceil(to_ms)})`;
}
