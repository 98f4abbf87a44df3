import {
  BIGINT,
  DuckDBDecimalValue,
  DuckDBTimestampValue,
  JSDuckDBValueConverter,
  listValue,
  type DuckDBConnection,
  type DuckDBPendingResult,
  type DuckDBValue,
  type DuckDBValueConverter,
} from '@duckdb/node-api';
import { QueryError, type Lane, type Parameter, type Parameters, type Result, type ResultRow } from './engine.ts';

/** Statements over a few connections: each runs one at a time, who comes later waits in turn. */
export class ConnectionLane implements Lane {
  readonly #free: DuckDBConnection[];
  readonly #waiting: { readonly take: (connection: DuckDBConnection) => void }[] = [];

  constructor(connections: readonly DuckDBConnection[]) {
    this.#free = [...connections];
  }

  async rows<Row = ResultRow>(sql: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const some of this.stream<Row>(sql, parameters, signal)) rows.push(...some);
    return rows;
  }

  async run(sql: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<void> {
    await this.rows(sql, parameters, signal);
  }

  async *stream<Row = ResultRow>(
    sql: string,
    parameters: Parameters = {},
    signal?: AbortSignal,
  ): AsyncGenerator<readonly Row[], void, undefined> {
    const connection = await this.#take(signal);
    const interrupt = (): void => connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    try {
      const pending = await start(connection, sql, parameters);
      // DuckDB forgets an interruption that came before or while the statement was begun.
      if (signal?.aborted === true) interrupt();
      const result = await pending.getResult();
      for await (const rows of result.yieldConvertedRowObjects<Result>(toResult)) {
        yield rows as Row[];
        signal?.throwIfAborted();
      }
    } catch (cause) {
      signal?.throwIfAborted();
      throw cause instanceof Error ? new QueryError(oneLine(cause.message), { cause }) : cause;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      this.#giveBack(connection);
    }
  }

  #take(signal: AbortSignal | undefined): Promise<DuckDBConnection> {
    signal?.throwIfAborted();
    const connection = this.#free.pop();
    if (connection !== undefined) return Promise.resolve(connection);
    return new Promise((resolve, reject) => {
      const turn = {
        take: (freed: DuckDBConnection): void => {
          signal?.removeEventListener('abort', leave);
          resolve(freed);
        },
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(turn);
    });
  }

  #giveBack(connection: DuckDBConnection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(connection);
    else next.take(connection);
  }
}

async function start(connection: DuckDBConnection, sql: string, parameters: Parameters): Promise<DuckDBPendingResult> {
  const values: Record<string, DuckDBValue> = {};
  const types: Record<string, typeof BIGINT> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    values[name] = toDuckDb(parameter);
    if (typeof values[name] === 'bigint') types[name] = BIGINT;
  }
  return connection.startStream(sql, values, types);
}

function toDuckDb(parameter: Parameter): DuckDBValue {
  if (parameter instanceof Date) return new DuckDBTimestampValue(BigInt(parameter.getTime()) * 1000n);
  if (Array.isArray(parameter)) return listValue([...(parameter as readonly string[])]);
  if (typeof parameter === 'number' && Number.isSafeInteger(parameter)) return BigInt(parameter);
  return parameter as Exclude<Parameter, Date | readonly string[]>;
}

const toResult: DuckDBValueConverter<Result> = (value, type, self) => {
  // The library asks the database for each: a third of the time of a month’s graph.
  if (value instanceof DuckDBDecimalValue) return Number(value.value) / 10 ** value.scale;
  const converted = JSDuckDBValueConverter(value, type, self as never);
  return typeof converted === 'bigint' ? Number(converted) : (converted as Result);
};

function oneLine(message: string): string {
  return message.replace(/\s*\n[\s\S]*$/, '');
}
