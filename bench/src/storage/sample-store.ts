import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, TimeSeriesStore } from '@guaita/lab';
import { folderBytes } from '../idle/folder-bytes.ts';
import { processCpu, processMemory } from '../process-cpu.ts';
import type { Kept } from './embedded.ts';
import { BEGIN_ms, MINUTE_ms, pingsOf, seconds, type Ping } from './pings.ts';
import { writtenBytes } from './process-writes.ts';
import { post, seriesOf, write } from './samples.ts';
import { untilIdle } from './until-idle.ts';

/** As often as our own export sends what has come. */
const BATCH_s = 15;
/** Prometheus takes nothing that is more than an hour older than the newest that it has. */
const WINDOW_minutes = 30;
/** Of how many devices at a time: 9,000 samples. */
const WINDOW_devices = 100;

/** One of the servers that keep a sample for each metric, with its defaults, on loopback and in a folder of its own. */
export class SampleStore {
  readonly name: 'VictoriaMetrics' | 'Prometheus';
  readonly #server: TimeSeriesStore;
  readonly #folder: string;

  private constructor(name: SampleStore['name'], server: TimeSeriesStore, folder: string) {
    this.name = name;
    this.#server = server;
    this.#folder = folder;
  }

  /** @param folder which it makes, and takes away when it is stopped. */
  static async start(name: SampleStore['name'], folder: string): Promise<SampleStore> {
    await mkdir(folder);
    const [port, data] = [await freePort(), join(folder, 'data')];
    await writeFile(join(folder, 'prometheus.yml'), 'global: {}\n');
    const command =
      name === 'VictoriaMetrics'
        ? [
            ...['victoria-metrics', `-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${data}`],
            ...['-retentionPeriod=100y', '-loggerLevel=WARN'],
          ]
        : [
            ...['prometheus', `--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${data}`],
            ...[`--web.listen-address=127.0.0.1:${port}`, '--web.enable-remote-write-receiver'],
            // A month of 1,000 devices is nearly as many samples as it reads at most for a question by default.
            ...['--web.enable-admin-api', '--storage.tsdb.retention.time=100y', '--query.max-samples=500000000'],
          ];
    const server = new TimeSeriesStore(port, folder, command);
    try {
      await server.start();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return new SampleStore(name, server, folder);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** Sends what comes in a time as an agent does, as fast as it is taken or in real time. @returns what that took the server. */
  async keep(devices: number, span_ms: number, isRealTime: boolean): Promise<Kept> {
    const pid = this.#pid;
    const before = { cpu_s: processCpu(pid).own_s, written_bytes: writtenBytes(pid) };
    const begun_ms = performance.now();
    let waiting: Ping[] = [];
    let rows = 0;
    let second = 0;
    for (const pings of seconds(devices, BEGIN_ms, BEGIN_ms + span_ms)) {
      waiting.push(...pings);
      second += 1;
      if (isRealTime) await sleep(begun_ms + second * 1000 - performance.now());
      if (second % BATCH_s > 0 && second * 1000 < span_ms) continue;
      await write(this.#server.writeUrl, waiting);
      rows += waiting.length;
      waiting = [];
    }
    if (!isRealTime) await untilIdle(pid);
    return {
      rows,
      cpu_us: (processCpu(pid).own_s - before.cpu_s) * 1e6,
      written_bytes: writtenBytes(pid) - before.written_bytes,
      peak_bytes: processMemory(pid).peak_bytes,
    };
  }

  /** Fills it as fast as it can be filled. */
  async fill(devices: number, span_ms: number, progress: (share: number) => void): Promise<void> {
    await (this.name === 'VictoriaMetrics'
      ? this.#import(devices, span_ms, progress)
      : this.#write(devices, span_ms, progress));
    await untilIdle(this.#pid);
  }

  /** What it holds once all of it is where it stays. */
  async rest_bytes(): Promise<number> {
    const data = join(this.#folder, 'data');
    if (this.name === 'VictoriaMetrics') {
      await post(`${this.url}/internal/force_flush`);
      await post(`${this.url}/internal/force_merge`);
      await untilIdle(this.#pid);
      return (await folderBytes(join(data, 'data'))) + (await folderBytes(join(data, 'indexdb')));
    }
    const { data: snapshot } = JSON.parse(await post(`${this.url}/api/v1/admin/tsdb/snapshot`)) as {
      data: { name: string };
    };
    return folderBytes(join(data, 'snapshots', snapshot.name));
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  get #pid(): number {
    const { pid } = this.#server;
    if (pid === undefined) throw new Error(`${this.name} does not run`);
    return pid;
  }

  /** VictoriaMetrics takes any order: a device at a time. */
  async #import(devices: number, span_ms: number, progress: (share: number) => void): Promise<void> {
    for (let device = 0; device < devices; device++) {
      const lines = seriesOf(pingsOf(device, BEGIN_ms, BEGIN_ms + span_ms)).map(({ labels, samples }) => {
        const [values, timestamps] = [samples.map(({ value }) => value), samples.map(({ at_ms }) => at_ms)];
        return `${JSON.stringify({ metric: Object.fromEntries(labels), values, timestamps })}\n`;
      });
      await post(`${this.url}/api/v1/import`, lines.join(''));
      progress((device + 1) / devices);
    }
  }

  /** Prometheus wants the order of time. */
  async #write(devices: number, span_ms: number, progress: (share: number) => void): Promise<void> {
    const window_ms = WINDOW_minutes * MINUTE_ms;
    for (let from_ms = BEGIN_ms; from_ms < BEGIN_ms + span_ms; from_ms += window_ms) {
      for (let first = 0; first < devices; first += WINDOW_devices) {
        const some = Array.from({ length: Math.min(WINDOW_devices, devices - first) }, (_, index) => first + index);
        await write(
          this.#server.writeUrl,
          some.flatMap((device) => pingsOf(device, from_ms, from_ms + window_ms)),
        );
      }
      progress((from_ms + window_ms - BEGIN_ms) / span_ms);
    }
  }
}
