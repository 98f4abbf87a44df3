import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { end, tied } from './child.ts';
import { freePort } from './ports.ts';
import { systemProgram } from './system-program.ts';

/** How long a store may take to listen. */
const PATIENCE_ms = 30_000;

/** A real time series database on loopback, in a folder of its own, which may go away and come back. */
export class TimeSeriesStore {
  readonly port: number;
  readonly #folder: string;
  readonly #command: readonly string[];
  #process: ChildProcess | undefined;
  #log = '';

  constructor(port: number, folder: string, command: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#command = command;
  }

  /** Of the process that runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get writeUrl(): string {
    return `http://127.0.0.1:${this.port}/api/v1/write`;
  }

  /** @throws {Error} with its log, when it does not answer within half a minute. */
  async start(): Promise<void> {
    const [program = '', ...args] = this.#command;
    const child = tied(spawn(systemProgram(program), args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] }));
    this.#process = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (this.#log += text.toString()));
    const deadline = performance.now() + PATIENCE_ms;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/api/v1/query?query=1`).catch(() => undefined);
      await answer?.text();
      if (answer?.ok === true) return;
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`${program} does not answer; its log:\n${this.#log}`);
      }
      await pause(50);
    }
  }

  /** Ends it in good order: what it has said to have taken is on its disk. */
  async halt(): Promise<void> {
    await end(this.#process, 'SIGTERM');
    this.#process = undefined;
  }

  async stop(): Promise<void> {
    await end(this.#process, 'SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** What a query gives, by the HTTP API that both have. */
  async query(
    query: string,
    time_s?: number,
  ): Promise<{ metric: Record<string, string>; values: [number, string][] }[]> {
    const url = new URL(`http://127.0.0.1:${this.port}/api/v1/query`);
    url.searchParams.set('query', query);
    if (time_s !== undefined) url.searchParams.set('time', String(time_s));
    const answer = await fetch(url);
    const body = (await answer.json()) as { data?: { result: unknown }; error?: string };
    if (body.data === undefined) throw new Error(`${query}: ${body.error ?? answer.status}`);
    return body.data.result as { metric: Record<string, string>; values: [number, string][] }[];
  }
}

/** Debian’s VictoriaMetrics, which has not started. */
export async function victoriaMetrics(): Promise<TimeSeriesStore> {
  const [folder, port] = [await mkdtemp(join(tmpdir(), 'victoria-')), await freePort()];
  return new TimeSeriesStore(port, folder, [
    'victoria-metrics',
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${join(folder, 'data')}`,
    ...['-retentionPeriod=100y', '-search.latencyOffset=0s', '-dedup.minScrapeInterval=1ms'],
    ...['-memory.allowedBytes=134217728', '-loggerLevel=WARN'],
  ]);
}

/** Debian’s Prometheus, which takes remote write and has not started. */
export async function prometheus(): Promise<TimeSeriesStore> {
  const [folder, port] = [await mkdtemp(join(tmpdir(), 'prometheus-')), await freePort()];
  await writeFile(join(folder, 'prometheus.yml'), 'global: {}\n');
  return new TimeSeriesStore(port, folder, [
    'prometheus',
    ...[`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`],
    ...[`--web.listen-address=127.0.0.1:${port}`, '--web.enable-remote-write-receiver'],
  ]);
}
