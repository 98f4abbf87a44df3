/** What stands in one field of a table. Moments are ISO 8601 in UTC. */
export type Cell = string | number | boolean | null;

/** Rows that may be more than fit in memory: whoever reads them asks for the next when it has room. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>;
}

/** Lines at once: many small pieces cost more than they save. */
const PIECE_characters = 16 * 1024;

/** The table as CSV (RFC 4180), in pieces. */
export async function* csvOf({ columns, rows }: Table): AsyncGenerator<string> {
  yield* joined(
    (async function* () {
      yield `${columns.map(csvField).join(',')}\r\n`;
      for await (const row of rows) yield `${row.map(csvField).join(',')}\r\n`;
    })(),
  );
}

/** The table as JSON objects, one a row, in an array `name` of an object, in pieces. */
export async function* jsonOf(name: string, { columns, rows }: Table): AsyncGenerator<string> {
  yield* joined(
    (async function* () {
      yield `{${JSON.stringify(name)}:[`;
      let before = '';
      for await (const row of rows) {
        yield before + JSON.stringify(Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null])));
        before = ',';
      }
      yield ']}\n';
    })(),
  );
}

/** Puts small pieces together. */
export async function* joined(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    if (text.length < PIECE_characters) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/**
 * One field. Names and reasons come from devices and from people, and a spreadsheet takes text that begins with one of
 * these characters for a formula, which may fetch, send and start things. Such text gets an apostrophe before it, as
 * spreadsheets themselves write text. Numbers stay as they are, also negative ones: a number is no formula. Who needs the
 * text to the letter takes JSON.
 */
function csvField(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const harmless = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
