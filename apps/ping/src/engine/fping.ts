import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFpingLine } from '../fping-output.ts';
import { EngineError, REQUEST_PERIOD_MS, type ProbeEngine, type ProbeResult, type ProbeTarget } from './engine.ts';
import { FileProcess } from './fping-process.ts';
import { FpingBatch, type Order } from './fping-batch.ts';

export interface FpingOptions {
  readonly command: string;
  /** fping processes at a time. Probes beyond wait, and go into one process together. */
  readonly maxProcesses: number;
  /** Beyond the time a batch must take: for a host that is busy. After that fping is stuck, and is killed. */
  readonly grace_ms: number;
}

/**
 * Batches last about a second for the usual three requests and the second's wait, and one starts each second: two or
 * three run at a time. Sixteen leave room for waits of 10 s and for stuck ones, and are no burden to a small host.
 */
export const DEFAULT_FPING: FpingOptions = { command: 'fping', maxProcesses: 16, grace_ms: 3000 };

/** A second's batch is sent within this, so that it is spread and still over before the next. */
const SPREAD_MS = 400;
/** fping's least interval for others than root is 1 ms; above 10 ms a small batch would only take longer. */
const MIN_INTERVAL_MS = 1;
const MAX_INTERVAL_MS = 10;
/** Bounds what one stuck process can spoil, and how long a loss waits for its batch to end. */
const MAX_TARGETS = 1000;
/** How often running processes' output is read. Nobody acts on a result within a tenth of a second. */
const READ_EVERY_MS = 100;
/** A line of fping has some 70 bytes, an error some 120; each request makes at most two of them, each target one more. */
const BYTES_PER_LINE = 400;

/** Probes with fping: one process for each batch and each set of options, targets through its standard input. */
export class FpingEngine implements ProbeEngine {
  readonly name = 'fping';
  readonly #options: FpingOptions;
  /** Orders that wait for a process, by their options; the oldest options first. */
  readonly #pending = new Map<string, Order[]>();
  readonly #running = new Set<FileProcess>();
  #folder: string | undefined;
  #reader: NodeJS.Timeout | undefined;

  constructor(options: Partial<FpingOptions> = {}) {
    this.#options = { ...DEFAULT_FPING, ...options };
  }

  get busy(): number {
    return this.#running.size;
  }

  async start(): Promise<void> {
    // Memory, where there is some to be had as a folder: what fping writes need not wear out an SD card.
    this.#folder = await mkdtemp('/dev/shm/guaita-fping-').catch(() => mkdtemp(join(tmpdir(), 'guaita-fping-')));
    const loopback = { address: '127.0.0.1', count: 1, timeout_ms: 1000, size_bytes: 56, dont_fragment: false };
    const results: ProbeResult[] = [];
    await this.probe([loopback], (_target, result) => results.push(result));
    const result = results[0] ?? { unknown: 'no result' };
    if ('rtts_ms' in result && result.rtts_ms.every((rtt) => rtt !== null)) return;
    const { command } = this.#options;
    await this.stop();
    throw new EngineError(
      'unknown' in result
        ? `${result.unknown}; install fping (apt-get install fping), and let it use raw sockets (setcap cap_net_raw+ep)`
        : `${command} gets no answer from 127.0.0.1: let it use raw sockets (setcap cap_net_raw+ep "$(command -v ${command})")`,
    );
  }

  probe<Target extends ProbeTarget>(
    targets: readonly Target[],
    onResult: (target: Target, result: ProbeResult) => void,
  ): Promise<void> {
    if (targets.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      let open = targets.length;
      for (const target of targets) {
        const tell = (result: ProbeResult): void => {
          onResult(target, result);
          open -= 1;
          if (open === 0) resolve();
        };
        if (this.#folder === undefined) tell({ unknown: 'the fping engine is not started' });
        else this.#queue(`C ${optionsKey(target)}`, { target, tell });
      }
      this.#launch();
    });
  }

  async stop(): Promise<void> {
    const folder = this.#folder;
    this.#folder = undefined;
    for (const orders of this.#pending.values()) {
      for (const { tell } of orders) tell({ unknown: 'the ping service is stopping' });
    }
    this.#pending.clear();
    for (const process of this.#running) process.kill('the ping service is stopping');
    clearInterval(this.#reader);
    this.#reader = undefined;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  #queue(key: string, order: Order): void {
    const orders = this.#pending.get(key);
    if (orders === undefined) this.#pending.set(key, [order]);
    else orders.push(order);
  }

  #launch(): void {
    for (const [key, orders] of this.#pending) {
      while (orders.length > 0 && this.#running.size < this.#options.maxProcesses) {
        this.#run(key, orders.splice(0, MAX_TARGETS));
      }
      if (orders.length > 0) return;
      this.#pending.delete(key);
    }
  }

  /** @param key `C …` for a batch with its results, `r …` to find out why requests could not be sent. */
  #run(key: string, orders: readonly Order[]): void {
    const explaining = key.startsWith('r');
    const { count, timeout_ms, size_bytes, dont_fragment } = orders[0]!.target;
    const batch = new FpingBatch(orders, count);
    const addresses = batch.addresses;
    const requests = addresses.length * count;
    const interval_ms = Math.max(MIN_INTERVAL_MS, Math.min(MAX_INTERVAL_MS, Math.floor(SPREAD_MS / requests)));
    const wait_ms = explaining ? MIN_INTERVAL_MS : timeout_ms;
    const process = new FileProcess({
      command: this.#options.command,
      args: [
        ...(explaining ? ['-r', '0'] : ['-C', String(count), '-p', String(REQUEST_PERIOD_MS)]),
        ...['-t', String(wait_ms), '-i', String(interval_ms), '-b', String(size_bytes)],
        ...(dont_fragment ? ['-M'] : []),
        ...['-f', '-'],
      ],
      input: `${addresses.join('\n')}\n`,
      folder: this.#folder!,
      maxBytes: BYTES_PER_LINE * (addresses.length + 10) * (count + 1) * 2,
      onLine: (line) => {
        const parsed = parseFpingLine(line);
        if (parsed !== undefined) batch.line(parsed);
        else if (line.startsWith(this.#options.command)) complaint ??= line;
      },
      onEnd: ({ code, problem }) => {
        clearTimeout(deadline);
        this.#running.delete(process);
        const failure = problem ?? failureOf(this.#options.command, code, complaint);
        if (failure !== undefined) batch.failed(failure);
        else if (explaining) batch.failed('the request could not be sent');
        else this.#explain(batch.done());
        this.#launch();
        this.#read();
      },
    });
    let complaint: string | undefined;
    const must_ms = requests * interval_ms + (count - 1) * REQUEST_PERIOD_MS + wait_ms;
    const deadline = setTimeout(() => {
      process.read();
      process.kill(`${this.#options.command} was stuck and has been killed`);
    }, must_ms + this.#options.grace_ms);
    this.#running.add(process);
    process.start();
    this.#read();
  }

  /** With `-C` fping is silent about requests that the kernel refused to send; without, it says why. */
  #explain(orders: readonly Order[]): void {
    for (const order of orders) {
      if (this.#folder === undefined) order.tell({ unknown: 'the ping service is stopping' });
      else this.#queue(`r ${optionsKey(order.target)}`, order);
    }
  }

  /** Reads running processes' output from time to time, while there are any. */
  #read(): void {
    if (this.#running.size > 0) {
      this.#reader ??= setInterval(() => {
        for (const process of this.#running) process.read();
      }, READ_EVERY_MS);
    } else {
      clearInterval(this.#reader);
      this.#reader = undefined;
    }
  }
}

function optionsKey({ count, timeout_ms, size_bytes, dont_fragment }: ProbeTarget): string {
  return `${count} ${timeout_ms} ${size_bytes} ${dont_fragment}`;
}

/** fping ends with 0 to 2 whatever its targets do (fping(8)); 3 is a wrong option, 4 a failed system call. */
function failureOf(command: string, code: number | null, complaint: string | undefined): string | undefined {
  if (code !== null && code >= 0 && code <= 2) return undefined;
  return `${command} failed (exit ${code}${complaint === undefined ? '' : `: ${complaint}`})`;
}
