import type { Lane } from '../engine/engine.ts';
import { quoted } from '../engine/sql.ts';
import type { Kind } from '../kinds/kind.ts';

/** A column of more texts than this stays as it is: they are held in memory, and each may be of 500 characters. */
const MOST_TEXTS = 50_000;

/**
 * A database’s types of numbers that stand for the texts of a set of rows, in their order. A row that is sorted by them
 * takes a fifth of the memory, or of the disk where that is not enough, and a third of the time.
 */
export class NumberedTexts {
  readonly #lane: Lane;
  readonly #rows: string;
  /** Types by column. */
  readonly #types = new Map<string, string>();

  /** @param rows a `SELECT` of a kind’s columns. */
  constructor(lane: Lane, rows: string) {
    this.#lane = lane;
    this.#rows = rows;
  }

  /** Makes the types. @param name what nothing else is called that is sorted at the same time. */
  async make({ columns }: Kind, name: string, signal?: AbortSignal): Promise<void> {
    for (const column of columns.filter((each) => each.type === 'VARCHAR')) {
      const type = quoted(`${column.name} of ${name}`);
      if (await this.#makeType(type, quoted(column.name), signal)) this.#types.set(column.name, type);
    }
  }

  /** `SELECT` of the same rows in an order. */
  sorted(order: readonly string[]): string {
    const as = (type: (text: string) => string): string => {
      const columns = [...this.#types.keys()].map((text) => `${quoted(text)}::${type(text)} AS ${quoted(text)}`);
      return columns.length === 0 ? '*' : `* REPLACE (${columns.join(', ')})`;
    };
    const numbers = `SELECT ${as((text) => this.#types.get(text)!)} FROM (${this.#rows})`;
    return `SELECT ${as(() => 'VARCHAR')} FROM (SELECT * FROM (${numbers}) ORDER BY ${order.map(quoted).join(', ')})`;
  }

  /** Takes the types away, whatever was made of them. */
  async drop(): Promise<void> {
    for (const type of this.#types.values()) await this.#lane.run(`DROP TYPE IF EXISTS ${type}`);
  }

  /** @returns whether there is the type: not of too many texts, nor of none. */
  async #makeType(type: string, column: string, signal?: AbortSignal): Promise<boolean> {
    const found = `SELECT DISTINCT ${column} AS text FROM (${this.#rows}) WHERE ${column} IS NOT NULL LIMIT ${MOST_TEXTS + 1}`;
    try {
      // A table may be called as a type.
      await this.#lane.run(`CREATE TABLE ${type} AS ${found}`, {}, signal);
      const [count] = await this.#lane.rows<{ texts: number }>(`SELECT count(*) AS texts FROM ${type}`, {}, signal);
      if (count!.texts === 0 || count!.texts > MOST_TEXTS) return false;
      await this.#lane.run(`CREATE TYPE ${type} AS ENUM (SELECT text FROM ${type} ORDER BY text)`, {}, signal);
      return true;
    } finally {
      await this.#lane.run(`DROP TABLE IF EXISTS ${type}`);
    }
  }
}
