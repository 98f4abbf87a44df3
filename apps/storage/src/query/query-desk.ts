import { BusError, type IncomingMessage } from '@guaita/bus';
import { channels, PayloadError, type QueryHistory, type Reply } from '@guaita/messages';
import type { MonitorContext } from '@guaita/service';
import type { HistoryQueries } from '../http/history-queries.ts';
import type { Cell, Table } from '../http/table.ts';
import { askedSpan, QuestionError } from './asked-span.ts';

/** Brokers and clients take that everywhere; who wants more asks the HTTP API, which streams. */
const ANSWER_MOST_bytes = 256 * 1024;
/** A flow that asks for each of its devices at once is served, one that asks faster than it is answered is told so. */
const WAITING_MOST = 32;
/** As long as the HTTP API takes for an answer. */
const PATIENCE_ms = 30_000;

export interface QueryDeskOptions {
  readonly context: Pick<MonitorContext, 'clock' | 'log' | 'monitor' | 'turn' | 'wire'>;
  readonly history: Pick<HistoryQueries, 'series' | 'events'>;
}

/** Answers what is asked of history over MQTT, one question after the other; of several storages on a broker, one does. */
export class QueryDesk {
  readonly #options: QueryDeskOptions;
  readonly #stopping = new AbortController();
  #waiting = 0;
  #answering: Promise<void> = Promise.resolve();
  #end: (() => Promise<void>) | undefined;

  constructor(options: QueryDeskOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { turn, wire } = this.#options.context;
    const channel = channels.queryHistory;
    // Not `hear`: who asks wrongly is told what is wrong.
    this.#end = await wire.bus.subscribe(
      channel.filter(wire.base),
      (message) => {
        // Commands are not kept: what is, nobody gives now.
        if (!message.retain && message.responseTopic !== undefined && turn.speaks) this.#take(message);
      },
      { qos: channel.definition.qos },
    );
  }

  async stop(): Promise<void> {
    await this.#end?.();
    this.#stopping.abort(new Error('storage is being stopped'));
    await this.#answering;
  }

  #take(message: IncomingMessage): void {
    if (this.#waiting >= WAITING_MOST) {
      this.#refuse(message, `${WAITING_MOST} questions wait for their answers already; ask again later`);
      return;
    }
    this.#waiting += 1;
    this.#answering = this.#answering.then(() => this.#answer(message));
  }

  async #answer(message: IncomingMessage): Promise<void> {
    const { clock, log, monitor } = this.#options.context;
    const patience = new AbortController();
    const timer = clock.after(PATIENCE_ms, () => patience.abort());
    const signal = AbortSignal.any([patience.signal, this.#stopping.signal]);
    try {
      const question = channels.queryHistory.decode(message.topic, message.payload);
      const found = await this.#ask(question, signal);
      const nothing = `nothing is kept of ${question.kind} of device "${question.device}" in this span`;
      this.#reply(message, {
        ok: true,
        monitor,
        ...found,
        ...(found.rows?.length === 0 ? { remarks: [nothing] } : {}),
      });
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      if (error instanceof QuestionError) this.#refuse(message, error.message);
      else if (error instanceof PayloadError) {
        this.#refuse(message, `${error.message}; docs/asyncapi.yaml has its schema`);
      } else if (patience.signal.aborted) {
        this.#refuse(message, `the answer takes longer than ${PATIENCE_ms / 1000} s; give a shorter span`);
      } else {
        log.error({ err: error }, `${message.topic}: history cannot be read`);
        this.#refuse(message, 'the history cannot be read now; the log of storage says why');
      }
    } finally {
      timer.cancel();
      this.#waiting -= 1;
    }
  }

  async #ask(question: QueryHistory, signal: AbortSignal): Promise<Pick<Reply & { ok: true }, 'rows' | 'resolution'>> {
    const { device, kind, part, monitor, points, limit, ...rest } = question;
    const { context, history } = this.#options;
    const span = askedSpan(rest, context.clock.now_ms());
    if (kind === 'verdict' || kind === 'alert') {
      const newestFirst = await history.events({ device, kind, limit, ...span }, signal);
      return { rows: (await rowsOf(newestFirst)).reverse() };
    }
    const asked = {
      ...{ device, kind, points, ...span },
      ...(part === undefined ? {} : { part }),
      ...(monitor === undefined ? {} : { monitor }),
    };
    const found = await history.series(asked, signal);
    const rows = (await rowsOf(found)).sort((a, b) => (String(a['at']) < String(b['at']) ? -1 : 1));
    return { resolution: found.resolution, rows: rows.slice(-limit) };
  }

  #refuse(message: IncomingMessage, problem: string): void {
    const { log, monitor } = this.#options.context;
    log.info(`${message.topic}: not answered: ${problem}`);
    this.#reply(message, { ok: false, monitor, problem });
  }

  #reply(message: IncomingMessage, reply: Reply): void {
    const { log, wire } = this.#options.context;
    try {
      wire.reply(message, reply);
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      log.warn(`${message.topic}: the answer is not said: ${error.message}`);
    }
  }
}

/** Rows as objects. @throws {QuestionError} as soon as they are too many for one message. */
async function rowsOf({ columns, rows }: Table): Promise<Record<string, Cell>[]> {
  const found: Record<string, Cell>[] = [];
  let size_bytes = 0;
  for await (const row of rows) {
    const each = Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]));
    size_bytes += Buffer.byteLength(JSON.stringify(each)) + 1;
    if (size_bytes > ANSWER_MOST_bytes) {
      throw new QuestionError(
        `the answer has more than ${ANSWER_MOST_bytes} bytes; give a shorter span, fewer points, or a monitor or part`,
      );
    }
    found.push(each);
  }
  return found;
}
