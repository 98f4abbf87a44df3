import type { Stamp } from './counters.ts';
import type { Varbind } from './session.ts';

/** One row of a table as it was read. */
export interface Row {
  /** When its first cell was read. */
  readonly stamp: Stamp;
  /** In the order of the table's columns; a hole where the agent gave nothing. */
  readonly cells: (Varbind | undefined)[];
}

/** Columns with one index, read together. */
export class Table {
  readonly columns: readonly string[];
  /** By index: the part of the OID after the column. */
  readonly rows = new Map<string, Row>();
  readonly #positions: ReadonlyMap<string, number>;

  constructor(columns: readonly string[]) {
    this.columns = columns;
    this.#positions = new Map(columns.map((column, position) => [column, position]));
  }

  /** The cell of a column in a row; `undefined` where there is none. */
  cell(row: Row, column: string): Varbind | undefined {
    const position = this.#positions.get(column);
    return position === undefined ? undefined : row.cells[position];
  }

  /** Tells whether any row has the column. */
  has(column: string): boolean {
    const position = this.#positions.get(column);
    if (position === undefined) return false;
    for (const row of this.rows.values()) if (row.cells[position] !== undefined) return true;
    return false;
  }

  set(index: string, position: number, varbind: Varbind, stamp: Stamp): void {
    let row = this.rows.get(index);
    if (row === undefined) {
      row = { stamp, cells: new Array<Varbind | undefined>(this.columns.length).fill(undefined) };
      this.rows.set(index, row);
    }
    row.cells[position] = varbind;
  }
}
