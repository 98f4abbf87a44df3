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
    const texts = columns.filter(({ type }) => type === 'VARCHAR').map((column) => column.name);
    const counts = texts.map((text) => `approx_count_distinct(${quoted(text)}) AS ${quoted(text)}`).join(', ');
    const [count] = await this.#lane.rows<Record<string, number>>(`SELECT ${counts} FROM (${this.#rows})`, {}, signal);
    for (const text of texts) {
      const different = count?.[text] ?? 0;
      if (different === 0 || different > MOST_TEXTS) continue;
      const type = quoted(`${text} of ${name}`);
      const column = quoted(text);
      const all = `SELECT DISTINCT ${column} FROM (${this.#rows}) WHERE ${column} IS NOT NULL ORDER BY ${column}`;
      await this.#lane.run(`CREATE TYPE ${type} AS ENUM (${all})`, {}, signal);
      this.#types.set(text, type);
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
}
