import { access, constants } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { parseFpingLine } from '../fping-output.ts';
import { EngineError, REQUEST_PERIOD_MS, type ProbeEngine, type ProbeResult, type ProbeTarget } from './engine.ts';
import { FpingBatch, type Order } from './fping-batch.ts';
import { FpingLauncher } from './fping-launcher.ts';

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

/**
 * A batch up to this size goes out at once, some 30,000 requests a second: to wait between any two costs fping twice
 * the CPU, since the machine goes to sleep and wakes for each. The bytes are what the port of a cheap switch can
 * buffer, and take 5 ms at 100 Mbit/s; the usual second's batch of 167 requests is a fifth of it.
 */
const BURST_BYTES = 64 * 1024;
/** What each request adds to its payload: the headers of IPv4 and ICMP. */
const HEADER_BYTES = 28;
/** Larger batches: a thousand requests a second. */
const SPREAD_INTERVAL_MS = 1;
/** Bounds what one stuck process can spoil, and how long a loss waits for its batch to end. */
const MAX_TARGETS = 1000;
/** Errors of sending come at once; replies are of no interest then. */
const EXPLAIN_WAIT_MS = 1;
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
  readonly #running = new Set<FpingLauncher>();
  readonly #idle: FpingLauncher[] = [];
  #folder: string | undefined;
  #reader: NodeJS.Timeout | undefined;
  /** Some builds of fping let nobody but root go below 1 ms (`--enable-safe-limits`). */
  #leastInterval_ms = 0;

  constructor(options: Partial<FpingOptions> = {}) {
    this.#options = { ...DEFAULT_FPING, ...options };
  }

  get busy(): number {
    return this.#running.size;
  }

  async start(): Promise<void> {
    // Memory, where there is some to be had as a folder: what fping writes need not wear out an SD card.
    this.#folder = await access('/dev/shm', constants.W_OK).then(
      () => '/dev/shm',
      () => tmpdir(),
    );
    const loopback = { address: '127.0.0.1', count: 1, timeout_ms: 1000, size_bytes: 56, dont_fragment: false };
    let result = await this.#probeOne(loopback);
    if ('unknown' in result) {
      this.#leastInterval_ms = SPREAD_INTERVAL_MS;
      result = await this.#probeOne(loopback);
    }
    if ('rtts_ms' in result && result.rtts_ms.every((rtt) => rtt !== null)) return;
    const { command } = this.#options;
    await this.stop();
    throw new EngineError(
      'unknown' in result
        ? `${result.unknown}; install fping (apt-get install fping), and let it use raw sockets (setcap cap_net_raw+ep)`
        : `${command} gets no answer from 127.0.0.1: let it use raw sockets (setcap cap_net_raw+ep "$(command -v ${command})")`,
    );
  }

  async #probeOne(target: ProbeTarget): Promise<ProbeResult> {
    const results: ProbeResult[] = [];
    await this.probe([target], (_target, result) => results.push(result));
    return results[0] ?? { unknown: 'no result' };
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

  stop(): Promise<void> {
    this.#folder = undefined;
    for (const orders of this.#pending.values()) {
      for (const { tell } of orders) tell({ unknown: 'the ping service is stopping' });
    }
    this.#pending.clear();
    for (const launcher of [...this.#running, ...this.#idle.splice(0)]) launcher.stop();
    clearInterval(this.#reader);
    this.#reader = undefined;
    return Promise.resolve();
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
    const { target } = orders[0]!;
    const { count } = target;
    const batch = new FpingBatch(orders, count);
    const addresses = batch.addresses;
    const interval_ms = Math.max(this.#leastInterval_ms, intervalOf(target, addresses.length));
    const wait_ms = explaining ? EXPLAIN_WAIT_MS : target.timeout_ms;
    let complaint: string | undefined;
    let launcher: FpingLauncher;
    try {
      launcher = this.#launcher();
    } catch (error) {
      batch.failed(`${this.#options.command} cannot be started: ${String(error)}`);
      return;
    }
    const must_ms = addresses.length * count * interval_ms + (count - 1) * REQUEST_PERIOD_MS + wait_ms;
    const deadline = setTimeout(() => {
      launcher.read();
      launcher.kill(`${this.#options.command} was stuck and has been killed`);
    }, must_ms + this.#options.grace_ms);
    this.#running.add(launcher);
    launcher.run({
      args: explaining ? explainArguments(target) : batchArguments(target, interval_ms),
      input: `${addresses.join('\n')}\n`,
      maxBytes: BYTES_PER_LINE * (addresses.length + 10) * (count + 1) * 2,
      onLine: (line) => {
        const parsed = parseFpingLine(line);
        if (parsed !== undefined) batch.line(parsed);
        else if (complaint === undefined && line.includes(': ')) complaint = line;
      },
      onEnd: ({ code, problem }) => {
        clearTimeout(deadline);
        this.#running.delete(launcher);
        if (launcher.usable && this.#folder !== undefined) this.#idle.push(launcher);
        else launcher.stop();
        const failure = problem ?? failureOf(this.#options.command, code, complaint);
        if (failure !== undefined) batch.failed(failure);
        else if (explaining) batch.failed('the request could not be sent');
        else this.#explain(batch.done());
        this.#launch();
        this.#read();
      },
    });
    this.#read();
  }

  /** One that is at rest, or a new one. */
  #launcher(): FpingLauncher {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) if (idle.usable) return idle;
    const launcher = new FpingLauncher(this.#options.command, this.#folder!);
    launcher.start();
    return launcher;
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
        for (const launcher of this.#running) launcher.read();
      }, READ_EVERY_MS);
    } else {
      clearInterval(this.#reader);
      this.#reader = undefined;
    }
  }
}

/** Time between any two requests of a batch. */
function intervalOf({ size_bytes }: ProbeTarget, addresses: number): number {
  return addresses * (size_bytes + HEADER_BYTES) <= BURST_BYTES ? 0 : SPREAD_INTERVAL_MS;
}

/** fping's arguments for a batch of so many addresses, which are given to its standard input. */
export function fpingArguments(target: ProbeTarget, addresses: number): string[] {
  return batchArguments(target, intervalOf(target, addresses));
}

function batchArguments(target: ProbeTarget, interval_ms: number): string[] {
  const { count, timeout_ms } = target;
  return [
    ...['-C', String(count), '-p', String(REQUEST_PERIOD_MS), '-t', String(timeout_ms)],
    ...['-i', String(interval_ms), ...packetArguments(target)],
  ];
}

/** The same packets without `-C`, which makes fping say why one could not be sent. */
function explainArguments(target: ProbeTarget): string[] {
  return ['-r', '0', '-t', String(EXPLAIN_WAIT_MS), '-i', String(SPREAD_INTERVAL_MS), ...packetArguments(target)];
}

function packetArguments({ size_bytes, dont_fragment }: ProbeTarget): string[] {
  return ['-b', String(size_bytes), ...(dont_fragment ? ['-M'] : []), '-f', '-'];
}

function optionsKey({ count, timeout_ms, size_bytes, dont_fragment }: ProbeTarget): string {
  return `${count} ${timeout_ms} ${size_bytes} ${dont_fragment}`;
}

/** fping ends with 0 to 2 whatever its targets do (fping(8)); 3 is a wrong option, 4 a failed system call. */
function failureOf(command: string, code: number, complaint: string | undefined): string | undefined {
  if (code >= 0 && code <= 2) return undefined;
  // The shell's statuses for a program that is not there and for one that it may not run.
  const what = code === 127 || code === 126 ? 'cannot be started' : 'failed';
  return `${command} ${what} (exit ${code}${complaint === undefined ? '' : `: ${complaint}`})`;
}
