import type { Value } from '../kinds/kind.ts';

/** What may be bound to a parameter; a `Date` is a TIMESTAMP, a whole number a BIGINT, an array of strings a list. */
export type Parameter = Value | Date | readonly string[];
export type Parameters = Readonly<Record<string, Parameter>>;

/** What a query gives: numbers as numbers (whole ones too, exactly up to 2⁵³), TIMESTAMP as `Date`. */
export type Result = Value | Date | readonly Result[] | { readonly [name: string]: Result };
export type ResultRow = Readonly<Record<string, Result>>;

/** A query that failed; the message is the database's, in one line. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

/** Where statements are run one after another, or a few at a time; who comes later waits. */
export interface Lane {
  /**
   * All rows of a query.
   *
   * @param sql one statement; parameters as `$name`. Whoever writes it knows of what type its rows are.
   * @throws {QueryError}; the signal's reason when that is aborted, which also stops a query that runs.
   */
  rows<Row = ResultRow>(sql: string, parameters?: Parameters, signal?: AbortSignal): Promise<Row[]>;
  /** Runs a statement that gives nothing. Throws as `rows`. */
  run(sql: string, parameters?: Parameters, signal?: AbortSignal): Promise<void>;
  /** Rows as they are worked out, some thousands at a time: for what is too large to hold. Throws as `rows`. */
  stream<Row = ResultRow>(sql: string, parameters?: Parameters, signal?: AbortSignal): AsyncIterable<readonly Row[]>;
}

/** The database that reads and writes files, and holds the newest rows in memory; nothing of it is ever on disk. */
export interface Engine {
  /** For what the store itself does: no query ever waits for those. */
  readonly store: Lane;
  /** For those who ask: a few at a time. */
  readonly queries: Lane;
}
