import type { TcpProxy } from '@guaita/lab';
import { processCpu, processMemory } from '../process-cpu.ts';
import { folderBytes } from './folder-bytes.ts';

/** What was used in some time. */
export interface Used {
  readonly time_s: number;
  readonly cpu_s: number;
  readonly memory: ReturnType<typeof processMemory>;
  readonly antidote: { readonly sent: number; readonly received: number } | undefined;
  /** By how much the server's log grew. */
  readonly log_bytes: number | undefined;
}

/** Reads what one process uses. */
export class Meter {
  readonly #pid: number;
  readonly #proxy: TcpProxy | undefined;
  readonly #log: string | undefined;

  constructor(pid: number, proxy: TcpProxy | undefined, log: string | undefined) {
    this.#pid = pid;
    this.#proxy = proxy;
    this.#log = log;
  }

  async over(work: () => Promise<void>): Promise<Used> {
    const from_ms = performance.now();
    const before = { cpu: processCpu(this.#pid), bytes: this.#proxy?.bytes, log: await this.#logBytes() };
    await work();
    const bytes = this.#proxy?.bytes;
    const log = await this.#logBytes();
    return {
      time_s: (performance.now() - from_ms) / 1000,
      cpu_s: processCpu(this.#pid).own_s - before.cpu.own_s,
      memory: processMemory(this.#pid),
      antidote:
        bytes === undefined || before.bytes === undefined
          ? undefined
          : { sent: bytes.sent - before.bytes.sent, received: bytes.received - before.bytes.received },
      log_bytes: log === undefined || before.log === undefined ? undefined : log - before.log,
    };
  }

  async #logBytes(): Promise<number | undefined> {
    return this.#log === undefined ? undefined : folderBytes(this.#log);
  }
}
