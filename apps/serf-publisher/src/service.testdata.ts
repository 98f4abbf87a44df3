import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, freePort, tied } from '@guaita/lab';

export { startSerfCommunity, type SerfCommunity } from './serf-community.testdata.ts';
export { startFakeCluster, type FakeCluster } from './sources/kubernetes/fake-cluster.testdata.ts';

/** The service as a process of its own, in a folder that stays over its lives. */
export class PublisherProcess {
  readonly #folder: string;
  readonly #broker: string;
  readonly #monitor: string;
  readonly httpPort: number;
  #process: ChildProcess | undefined;
  /** All that it wrote, in all its lives. */
  log = '';

  constructor(folder: string, broker: string, monitor: string, httpPort: number) {
    this.#folder = folder;
    this.#broker = broker;
    this.#monitor = monitor;
    this.httpPort = httpPort;
  }

  /** @param section its part of `guaita.yaml` */
  async start(section: object): Promise<void> {
    const config = join(this.#folder, 'guaita.yaml');
    await writeFile(config, JSON.stringify({ 'serf-publisher': section }));
    const main = new URL('./main.ts', import.meta.url).pathname;
    const flags = ['--config', config, '--broker', this.#broker, '--monitor', this.#monitor, '--data', this.#folder];
    const env = { ...process.env, GUAITA_LOG_LEVEL: 'trace', GUAITA_HTTP_PORT: String(this.httpPort) };
    const child = tied(spawn(process.execPath, [main, ...flags], { env }));
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        this.log += text.toString();
      });
    }
  }

  /** Ends it, if it runs. @returns how it ended */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null | undefined> {
    await end(this.#process, signal);
    return this.#process?.exitCode;
  }

  /** Ends it and takes its folder away. */
  async stop(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Makes one that was not started yet. */
export async function makePublisherProcess(broker: string, monitor = 'pi-1'): Promise<PublisherProcess> {
  return new PublisherProcess(await mkdtemp(join(tmpdir(), 'guaita-publisher-')), broker, monitor, await freePort());
}
