import type { Id } from '@guaita/model';
import type {
  AvailabilityQuestion,
  EventsQuestion,
  HistoryQueries,
  Series,
  SeriesQuestion,
  SparksQuestion,
  WorstQuestion,
} from './history-queries.ts';
import type { Cell, Table } from './table.ts';

/** A history in memory: what it was asked, and rows that the test gives it. */
export class MemoryHistory implements HistoryQueries {
  readonly asked: unknown[] = [];
  /** Devices that were never judged. */
  readonly unseen = new Set<Id>();
  /** Rows of `/api/series` after the monitor's name, by device. */
  readonly points = new Map<Id, Iterable<readonly Cell[]>>();
  /** Rows of `/api/sparks`. */
  sparks_: readonly (readonly Cell[])[] = [];
  events_: readonly (readonly Cell[])[] = [];

  async series(question: SeriesQuestion): Promise<Series> {
    this.asked.push(question);
    const columns = ['monitor', 'at', 'rtt_avg_ms'];
    return { resolution: 'raw', columns, rows: this.points.get(question.device) ?? [] };
  }

  async sparks(question: SparksQuestion): Promise<Table> {
    this.asked.push(question);
    return { columns: ['device', 'at', 'rtt_avg_ms', 'loss_percent'], rows: this.sparks_ };
  }

  async worst(question: WorstQuestion, _signal: AbortSignal): Promise<Table> {
    this.asked.push(question);
    return { columns: ['device', 'value'], rows: [['router', 42]] };
  }

  async availability(question: AvailabilityQuestion): Promise<Table> {
    this.asked.push(question);
    const rows = question.devices.map((device) => [device, this.unseen.has(device) ? null : 99.9]);
    return { columns: ['device', 'availability_percent'], rows };
  }

  async events(question: EventsQuestion): Promise<Table> {
    this.asked.push(question);
    return { columns: ['at', 'device', 'text'], rows: this.events_ };
  }
}
