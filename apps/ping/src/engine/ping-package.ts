import { setTimeout as sleep } from 'node:timers/promises';
import { ipFamily } from '@guaita/model';
import ping from 'ping';
import { EngineError, REQUEST_PERIOD_MS, type ProbeEngine, type ProbeResult, type ProbeTarget } from './engine.ts';
import { resultOfSendError } from './fping-batch.ts';

export interface PingPackageOptions {
  /** ping processes at a time; each costs a hundred times what a target costs fping. */
  readonly parallel: number;
  /** Beyond the time a probe must take. */
  readonly grace_ms: number;
}

export const DEFAULT_PING_PACKAGE: PingPackageOptions = { parallel: 32, grace_ms: 3000 };

/** ping carries its time stamp in the payload, and tells no round trip where it does not fit. */
const TIMED_BYTES = 16;

const REPLY = /icmp_seq=(\d+) .*?=\s?(\d+(?:[.,]\d+)?) ?ms/g;
/** `3 packets transmitted, 0 received, 100% packet loss, time 2003ms`, in any language. */
const SUMMARY = /^(\d+) [^\d\n]+, \d+ [^\d\n]+.*\d+(?:\.\d+)?%/m;
/** `From 10.0.0.254 icmp_seq=1 Destination Host Unreachable`; redirects and source quenches are no errors. */
const ICMP = /^From (\S+) icmp_seq=\d+ (?!Redirect|Source Quench)(\D+)$/im;

interface Job {
  readonly target: ProbeTarget;
  readonly tell: (result: ProbeResult) => void;
}

/** Probes with a `ping` process for each target, for hosts without fping: the `ping` package. */
export class PingPackageEngine implements ProbeEngine {
  readonly name = 'ping';
  readonly #options: PingPackageOptions;
  readonly #queue: Job[] = [];
  #running = 0;
  #started = false;

  constructor(options: Partial<PingPackageOptions> = {}) {
    this.#options = { ...DEFAULT_PING_PACKAGE, ...options };
  }

  get busy(): number {
    return this.#running;
  }

  async start(): Promise<void> {
    this.#started = true;
    const target = { address: '127.0.0.1', count: 1, timeout_ms: 1000, size_bytes: 56, dont_fragment: false };
    const result = await probe(target, this.#options.grace_ms);
    if ('rtts_ms' in result && result.rtts_ms[0] !== null) return;
    this.#started = false;
    const cause = 'unknown' in result ? result.unknown : 'no answer from 127.0.0.1';
    throw new EngineError(`the ping program cannot be used: ${cause}; install it (apt-get install iputils-ping)`);
  }

  async probe<Target extends ProbeTarget>(
    targets: readonly Target[],
    onResult: (target: Target, result: ProbeResult) => void,
  ): Promise<void> {
    await Promise.all(
      targets.map(
        (target) =>
          new Promise<void>((resolve) => {
            this.#queue.push({
              target,
              tell: (result) => {
                onResult(target, result);
                resolve();
              },
            });
            this.#next();
          }),
      ),
    );
  }

  stop(): Promise<void> {
    this.#started = false;
    for (const { tell } of this.#queue.splice(0)) tell({ unknown: 'the ping service is stopping' });
    return Promise.resolve();
  }

  #next(): void {
    while (this.#running < this.#options.parallel) {
      const job = this.#queue.shift();
      if (job === undefined) return;
      if (!this.#started) {
        job.tell({ unknown: 'the ping engine is not started' });
        continue;
      }
      this.#running += 1;
      void probe(job.target, this.#options.grace_ms).then((result) => {
        this.#running -= 1;
        job.tell(result);
        this.#next();
      });
    }
  }
}

async function probe(target: ProbeTarget, grace_ms: number): Promise<ProbeResult> {
  const { address, count, timeout_ms, size_bytes, dont_fragment } = target;
  const asked = ping.promise.probe(address, {
    numeric: true,
    v6: ipFamily(address) === 'ipv6',
    timeout: timeout_ms / 1000,
    min_reply: count,
    extra: [
      ...['-i', String(REQUEST_PERIOD_MS / 1000)],
      // Here and not in `packetSize`, which takes 0 for "not given".
      ...['-s', String(Math.max(size_bytes, TIMED_BYTES))],
      ...(dont_fragment && ipFamily(address) === 'ipv4' ? ['-M', 'do'] : []),
    ],
  });
  const must_ms = (count - 1) * REQUEST_PERIOD_MS + timeout_ms;
  const timer = new AbortController();
  try {
    const ended = await Promise.race([asked, sleep(must_ms + grace_ms, undefined, timer)]);
    return ended === undefined ? { unknown: 'ping was stuck' } : resultOfPing(ended.output ?? '', count, timeout_ms);
  } catch (error) {
    return { unknown: `ping cannot be started: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    timer.abort();
  }
}

/** Reads what iputils' `ping` printed. Replies that came after the timeout count as lost, as they do with fping. */
export function resultOfPing(output: string, count: number, timeout_ms: number): ProbeResult {
  const rtts_ms = Array<number | null>(count).fill(null);
  for (const [, sequence, time] of output.matchAll(REPLY)) {
    const index = Number(sequence) - 1;
    const rtt_ms = Number(time!.replace(',', '.'));
    if (index >= 0 && index < count && rtts_ms[index] === null && rtt_ms <= timeout_ms) rtts_ms[index] = rtt_ms;
  }
  const summary = SUMMARY.exec(output);
  if (summary !== null) {
    // Interrupted, ping says what it had done by then.
    if (Number(summary[1]) < count) return { unknown: 'ping was ended before it had sent all requests' };
    const icmp = ICMP.exec(output);
    return icmp === null ? { rtts_ms } : { rtts_ms, detail: `${icmp[2]!.trim()} from ${icmp[1]!}` };
  }
  const message = output.split('\n').find((line) => line.trim() !== '') ?? 'ping ended without a result';
  return resultOfSendError(message.replace(/^ping6?: /, ''), count);
}
