import type { Stamp } from './counters.ts';
import { SYS_UP_TIME } from './mib.ts';
import { compareOids, indexBelow } from './oid.ts';
import { SnmpErrorStatus, SnmpInvalidResponse, SnmpTimeout, type SnmpError, type Varbind } from './session.ts';
import { Table } from './table.ts';
import { given, numberOf } from './value.ts';

/** What an agent was found able to do; kept from poll to poll. */
export interface AgentAbilities {
  /** Answers GETBULK. Version 1 has none, and some agents choke on it. */
  readonly bulk: boolean;
  /** How many varbinds an answer may hold. */
  readonly max_varbinds: number;
}

/**
 * Varbinds in one answer: a counter of ifXTable takes about 27 octets, and 48 of them with the head of an SNMPv3 message
 * stay below 1,472 octets, the largest UDP payload that Ethernet carries in one frame. Larger answers come in
 * fragments, which many firewalls drop.
 */
export const DEFAULT_MAX_VARBINDS = 48;

/** Requests grow with their columns as well; agents of old take few. */
const MAX_COLUMNS = 24;

/** A table that is longer never ends: no agent in the field has as many interfaces. */
export const MAX_ROWS = 20_000;

/** The next request of a plan: GETNEXT when `maxRepetitions` is `undefined`, else GETBULK. */
export interface PlannedRequest {
  readonly oids: readonly string[];
  readonly nonRepeaters: number;
  readonly maxRepetitions: number | undefined;
}

export interface PlanOptions {
  /** Columns with one index. */
  readonly columns: readonly string[];
  /** Scalars without their `.0`, read in the same round trip. */
  readonly scalars?: readonly string[];
  readonly abilities: AgentAbilities;
  /** How many rows the table had last time, so that the last request asks for no more than is left. */
  readonly expectedRows?: number;
  /** Rows in one GETBULK at most, whatever the room. */
  readonly maxRepetitions?: number;
  /** Whether a first request without an answer is tried once more in its plainest form. Default: yes. */
  readonly doubtful?: boolean;
}

interface Column {
  readonly oid: string;
  readonly position: number;
  /** The index read last; empty before the first. */
  index: string;
  /** How many of its cells were read. */
  read: number;
}

/**
 * Reads columns and scalars in the fewest round trips. It does no I/O: it says which request comes next, takes in the
 * answer or the error, and ends when `next` gives `undefined`.
 *
 * All columns go into one GETBULK, as many rows of them as fit one datagram; scalars and sysUpTime ride along as
 * non-repeaters, so that every answer says at which sysUpTime its counters were read. It makes do with less where an
 * agent needs it: fewer rows after tooBig, GETNEXT in place of GETBULK when that stays unanswered, one column less when
 * the agent fails on it. Columns whose OIDs do not increase are cut, and so is a table that never ends.
 */
export class ReadPlan {
  readonly table: Table;
  /** The scalars that the agent gave, by their OID without `.0`. */
  readonly scalars = new Map<string, Varbind>();
  /** What went wrong without being the end: which object, and how. */
  readonly problems = new Map<string, string>();
  readonly #maxRepetitions: number;
  readonly #doubtful: boolean;
  readonly #expectedRows: number | undefined;
  #pendingScalars: string[];
  #columns: Column[];
  #width: number;
  #abilities: AgentAbilities;
  #asked: { readonly scalars: readonly string[]; readonly columns: readonly Column[] } | undefined;
  /** How many varbinds the whole answer to it has. */
  #askedVarbinds = 0;
  #answers = 0;
  #timeouts = 0;

  constructor({
    columns,
    scalars = [],
    abilities,
    expectedRows,
    maxRepetitions = Infinity,
    doubtful = true,
  }: PlanOptions) {
    this.table = new Table(columns);
    this.#columns = columns.map((oid, position) => ({ oid, position, index: '', read: 0 }));
    this.#pendingScalars = scalars.filter((oid) => oid !== SYS_UP_TIME);
    this.#abilities = abilities;
    this.#width = Math.min(MAX_COLUMNS, Math.max(1, abilities.max_varbinds - 1));
    this.#expectedRows = expectedRows;
    this.#maxRepetitions = maxRepetitions;
    this.#doubtful = doubtful;
  }

  /** What was learned of the agent. */
  get abilities(): AgentAbilities {
    return this.#abilities;
  }

  /** Tells whether all columns were read to their ends. */
  get complete(): boolean {
    return this.#columns.length === 0;
  }

  /** The next request; `undefined` when there is nothing left to ask. */
  next(): PlannedRequest | undefined {
    if (this.#columns.length === 0 && this.#pendingScalars.length === 0 && this.#answers > 0) return undefined;
    const room = Math.max(2, this.#abilities.max_varbinds);
    const scalars = this.#pendingScalars.slice(0, Math.max(1, Math.min(this.#width, room - 1)));
    // Columns ride along only if a whole row fits beside the scalars.
    const columns = this.#columns.slice(0, this.#width);
    const rowFits = scalars.length === 0 || 1 + scalars.length + columns.length <= Math.max(room, MAX_COLUMNS);
    const asked = { scalars, columns: rowFits ? columns : [] };
    this.#asked = asked;
    const oids = [
      SYS_UP_TIME,
      ...scalars,
      ...asked.columns.map(({ oid, index }) => (index === '' ? oid : `${oid}.${index}`)),
    ];
    const nonRepeaters = 1 + scalars.length;
    this.#askedVarbinds = oids.length;
    if (!this.#abilities.bulk || asked.columns.length === 0) return { oids, nonRepeaters, maxRepetitions: undefined };
    const fitting = Math.floor((room - nonRepeaters) / asked.columns.length);
    // One row more than is left, so that the end is seen in the same answer.
    const read = Math.min(...asked.columns.map((column) => column.read));
    const left = this.#expectedRows === undefined ? Infinity : this.#expectedRows - read + 1;
    const wanted = left < 1 ? fitting : Math.min(fitting, left);
    const maxRepetitions = Math.max(1, Math.min(wanted, this.#maxRepetitions));
    this.#askedVarbinds = nonRepeaters + asked.columns.length * maxRepetitions;
    return { oids, nonRepeaters, maxRepetitions };
  }

  /** Takes in the answer to the request that `next` gave, and when it came. */
  take(varbinds: readonly Varbind[], local_ms: number): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    this.#answers += 1;
    this.#timeouts = 0;
    const uptime = varbinds[0];
    const ticks = uptime?.oid === `${SYS_UP_TIME}.0` && given(uptime) ? numberOf(uptime) : undefined;
    const stamp: Stamp = { local_ms, ticks };
    if (uptime !== undefined && ticks !== undefined) this.scalars.set(SYS_UP_TIME, uptime);
    for (const [position, oid] of asked.scalars.entries()) {
      const varbind = varbinds[1 + position];
      if (varbind !== undefined && varbind.oid === `${oid}.0` && given(varbind)) this.scalars.set(oid, varbind);
    }
    this.#pendingScalars = this.#pendingScalars.slice(asked.scalars.length);
    this.#takeRows(varbinds.slice(1 + asked.scalars.length), asked.columns, stamp);
  }

  /**
   * Takes in that the request failed.
   *
   * @returns whether there is another way; if not, the plan has ended with what it has.
   */
  fail(error: SnmpError): boolean {
    const asked = this.#asked;
    if (asked === undefined) return false;
    if (error instanceof SnmpErrorStatus) return this.#failStatus(error, asked.scalars, asked.columns);
    if (!(error instanceof SnmpTimeout || error instanceof SnmpInvalidResponse)) return false;
    // An agent that never answered is no slow one: it is not asked over and over.
    if (this.#answers === 0 && !this.#mayChoke(asked.columns)) return false;
    this.#timeouts += 1;
    if (this.#timeouts > 2 || asked.columns.length === 0) return false;
    if (this.#abilities.bulk) this.#abilities = { ...this.#abilities, bulk: false };
    else if (!this.#shrink()) return false;
    return true;
  }

  /** A first request may be silence for its form alone: once it is tried in the plainest form. */
  #mayChoke(columns: readonly Column[]): boolean {
    return this.#doubtful && this.#timeouts === 0 && this.#abilities.bulk && columns.length > 0;
  }

  #failStatus(error: SnmpErrorStatus, scalars: readonly string[], columns: readonly Column[]): boolean {
    if (error.status === 'too_big') return this.#shrink();
    const at = error.index - 2;
    const culprit = at < 0 ? undefined : (scalars[at] ?? columns[at - scalars.length]);
    if (error.status === 'no_such_name' || error.status === 'gen_err') {
      if (typeof culprit === 'string') {
        this.#pendingScalars = this.#pendingScalars.filter((oid) => oid !== culprit);
        return true;
      }
      if (culprit !== undefined) {
        // In version 1 this is how a column at the end of the MIB says so.
        if (error.status !== 'no_such_name') this.problems.set(culprit.oid, error.message);
        this.#end(culprit);
        return true;
      }
      // Without an index: find the culprit by asking for fewer.
      if (this.#narrow()) return true;
    }
    return false;
  }

  #takeRows(varbinds: readonly Varbind[], columns: readonly Column[], stamp: Stamp): void {
    if (columns.length === 0) return;
    if (varbinds.length < columns.length) {
      // Less than one row: too large an answer for this agent. A row that never fits ends here.
      if (!this.#shrink()) this.#endAll(columns, 'the agent gives less than one row');
    }
    const ended = new Set<Column>();
    for (const [position, varbind] of varbinds.entries()) {
      const column = columns[position % columns.length];
      if (column === undefined || ended.has(column)) continue;
      const index = given(varbind) ? indexBelow(column.oid, varbind.oid) : undefined;
      if (
        index === undefined &&
        varbind.type !== 'end_of_mib_view' &&
        indexBelow(column.oid, varbind.oid) !== undefined
      ) {
        this.problems.set(column.oid, `the agent gives ${varbind.type} in a walk`);
      }
      if (index === undefined) {
        ended.add(column);
      } else if (column.index !== '' && compareOids(index, column.index) <= 0) {
        this.problems.set(column.oid, `the agent's OIDs do not increase after ${column.oid}.${column.index}`);
        ended.add(column);
      } else {
        column.index = index;
        column.read += 1;
        this.table.set(index, column.position, varbind, stamp);
      }
    }
    for (const column of ended) this.#end(column);
    if (this.table.rows.size > MAX_ROWS) this.#endAll(columns, `the table has more than ${MAX_ROWS} rows; cut`);
  }

  #end(column: Column): void {
    this.#columns = this.#columns.filter((other) => other !== column);
  }

  #endAll(columns: readonly Column[], problem: string): void {
    for (const column of columns) {
      this.problems.set(column.oid, problem);
      this.#end(column);
    }
  }

  /** Asks for less in one answer. Gives false when it cannot be less. */
  #shrink(): boolean {
    // What was in fact asked for, if that was less than the room.
    const size = Math.min(this.#abilities.max_varbinds, this.#askedVarbinds);
    if (size <= 2) return false;
    this.#abilities = { ...this.#abilities, max_varbinds: Math.max(2, Math.floor(size / 2)) };
    this.#width = Math.min(this.#width, Math.max(1, this.#abilities.max_varbinds - 1));
    return true;
  }

  #narrow(): boolean {
    if (this.#width === 1) {
      const [column] = this.#asked?.columns ?? [];
      const [scalar] = this.#asked?.scalars ?? [];
      if (scalar !== undefined) this.#pendingScalars = this.#pendingScalars.slice(1);
      else if (column !== undefined) this.#endAll([column], 'the agent fails on it');
      else return false;
      return true;
    }
    this.#width = Math.max(1, Math.floor(this.#width / 2));
    return true;
  }
}
