import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, freePort, startMosquitto, tied, type Mosquitto } from '@guaita/lab';
import { NODE_FLAGS } from '../as-in-image.ts';
import { getJson, HOUR_ms, hoursOf, WORST, type Answers, type Hour, type Span, type Worst } from './answers.ts';
import { deviceId } from './pings.ts';
import { untilIdle } from './until-idle.ts';

const PATIENCE_ms = 60_000;
/** Longer than any story here is ago. */
const EVER_days = 36_500;

export interface GuaitaServiceOptions {
  readonly monitor: string;
  /** Made when it is not there. The service’s own folder is made in it. */
  readonly data: string;
  readonly history: string;
  /** For how long it keeps its own measurements, and puts measurements together; default: for ever. */
  readonly measurements_days?: number;
}

/** Our whole storage service, beside a real broker, asked over its HTTP API. */
export class GuaitaService implements Answers {
  readonly #broker: Mosquitto;
  readonly #process: ChildProcess;
  readonly #url: string;

  private constructor(broker: Mosquitto, service: ChildProcess, url: string) {
    this.#broker = broker;
    this.#process = service;
    this.#url = url;
  }

  /** Once it has put its files in order. */
  static async start({
    monitor,
    data,
    history,
    measurements_days = EVER_days,
  }: GuaitaServiceOptions): Promise<GuaitaService> {
    await mkdir(data, { recursive: true });
    // Its queue is to be as long as it has to be, and nobody is to wait for its acknowledgements (40 ms, by Nagle).
    const config = ['allow_anonymous true', 'max_queued_messages 0', 'set_tcp_nodelay true'].join('\n');
    const broker = await startMosquitto({ config });
    const port = await freePort();
    const main = new URL('../../../apps/storage/src/main.ts', import.meta.url).pathname;
    const flags = ['--broker', broker.url, '--monitor', monitor, '--data', data, '--http-port', String(port)];
    const rollups = ['ROLLUPS_5M', 'ROLLUPS_1H', 'ROLLUPS_1D'];
    const env = {
      ...process.env,
      GUAITA_STORAGE_FOLDER: history,
      GUAITA_STORAGE_KEEP_MEASUREMENTS_DAYS: String(measurements_days),
      ...Object.fromEntries(rollups.map((name) => [`GUAITA_STORAGE_KEEP_${name}_DAYS`, String(EVER_days)])),
    };
    const child = tied(
      spawn(process.execPath, [...NODE_FLAGS, main, ...flags, '--log-level', 'error'], {
        ...{ cwd: data, env, stdio: ['ignore', 'ignore', 'inherit'] },
      }),
    );
    const service = new GuaitaService(broker, child, `http://127.0.0.1:${port}`);
    try {
      await service.#listens();
      await untilIdle(child.pid!);
      return service;
    } catch (error) {
      await service.stop();
      throw error;
    }
  }

  get pid(): number {
    return this.#process.pid!;
  }

  get brokerUrl(): string {
    return this.#broker.url;
  }

  /** How many pings it has kept since it was started. */
  async rows(): Promise<number> {
    const metrics = await (await fetch(`${this.#url}/metrics`)).text();
    return Number(/^guaita_storage_rows_total\{kind="ping"\} (\d+)/m.exec(metrics)?.[1]);
  }

  async series(device: number, span: Span): Promise<readonly Hour[]> {
    const url = this.#question('/api/series', span, { device: deviceId(device), points: String(hoursOf(span)) });
    const { columns, monitors } = await getJson<{ columns: string[]; monitors: Record<string, unknown[][]> }>(url);
    const [at, sent, received, rtt] = ['at', 'sent', 'received', 'rtt_avg_ms'].map((name) => columns.indexOf(name));
    const byHour = new Map(
      Object.values(monitors)[0]?.map((row) => [Math.floor(Date.parse(row[at!] as string) / HOUR_ms), row]),
    );
    return Array.from({ length: hoursOf(span) }, (_, index) => {
      const row = byHour.get(span.from_ms / HOUR_ms + index) ?? [];
      const loss_percent = 100 * (1 - Number(row[received!]) / Number(row[sent!]));
      return { loss_percent, rtt_avg_ms: row[rtt!] as number | null };
    });
  }

  async worst(span: Span): Promise<readonly Worst[]> {
    const url = this.#question('/api/worst', span, { by: 'loss', limit: String(WORST) });
    const { worst } = await getJson<{ worst: { device: string; value: number }[] }>(url);
    return worst.map(({ device, value }) => ({ device, loss_percent: value }));
  }

  async stop(): Promise<void> {
    await end(this.#process, 'SIGTERM');
    await this.#broker.stop();
  }

  #question(path: string, { from_ms, to_ms }: Span, more: Record<string, string>): URL {
    const url = new URL(path, this.#url);
    const [from, to] = [from_ms, to_ms].map((ms) => new Date(ms).toISOString()) as [string, string];
    url.search = new URLSearchParams({ ...more, from, to }).toString();
    return url;
  }

  async #listens(): Promise<void> {
    const deadline_ms = performance.now() + PATIENCE_ms;
    for (;;) {
      const answer = await fetch(`${this.#url}/api/me`).catch(() => undefined);
      await answer?.text();
      if (answer?.ok === true) return;
      if (this.#process.exitCode !== null || performance.now() > deadline_ms)
        throw new Error('the storage service does not answer; it has said why above');
      await sleep(100);
    }
  }
}
