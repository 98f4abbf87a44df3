import type { FpingLine } from '../fping-output.ts';
import type { ProbeResult, ProbeTarget } from './engine.ts';

/** A target with whom to tell of its result. */
export interface Order {
  readonly target: ProbeTarget;
  readonly tell: (result: ProbeResult) => void;
}

/** All orders for one address; two devices may share it, and fping's lines could not be told apart. */
class Progress {
  readonly orders: Order[] = [];
  /** One entry for each request: a time, `null` for a timeout, `undefined` while fping has said nothing of it. */
  readonly rtts_ms: (number | null | undefined)[];
  replies = 0;
  summarised = false;
  detail: string | undefined;

  constructor(count: number) {
    this.rtts_ms = new Array<undefined>(count).fill(undefined);
  }

  tell(result: ProbeResult): void {
    for (const { tell } of this.orders) tell(result);
  }
}

/**
 * The results of one fping process, from what its lines say. Pure bookkeeping: every order gets exactly one result,
 * full answers at once, losses when fping is done (it may still correct a timeout that it declared while it was
 * starved of CPU time), and `unknown` for all that a process that fails leaves open.
 */
export class FpingBatch {
  readonly #count: number;
  readonly #open = new Map<string, Progress>();

  /** @param orders all with the same options. */
  constructor(orders: readonly Order[], count: number) {
    this.#count = count;
    for (const order of orders) {
      let progress = this.#open.get(order.target.address);
      if (progress === undefined) {
        progress = new Progress(count);
        this.#open.set(order.target.address, progress);
      }
      progress.orders.push(order);
    }
  }

  /** The addresses still without a result, each once. */
  get addresses(): string[] {
    return [...this.#open.keys()];
  }

  line(line: FpingLine): void {
    const progress = this.#open.get(line.target);
    if (progress === undefined) return;
    switch (line.kind) {
      case 'reply':
        if (line.index >= this.#count || typeof progress.rtts_ms[line.index] === 'number') return;
        progress.rtts_ms[line.index] = line.rtt_ms;
        progress.replies += 1;
        if (progress.replies === this.#count) this.#close(line.target, { rtts_ms: progress.rtts_ms as number[] });
        return;
      case 'timeout':
        if (line.index < this.#count) progress.rtts_ms[line.index] ??= null;
        return;
      case 'summary':
        if (line.rtts_ms.length === this.#count) progress.summarised = true;
        return;
      case 'icmp':
        progress.detail ??= line.message;
        return;
      case 'unsent':
        this.#close(line.target, resultOfSendError(line.message, this.#count));
        return;
      case 'unresolved':
        this.#close(line.target, { unknown: `fping cannot use ${line.target}: ${line.message}` });
        return;
    }
  }

  /**
   * fping has ended well. What is known is told.
   *
   * @returns the orders of which no request could be sent: fping with `-C` does not say why.
   */
  done(): Order[] {
    const unsent: Order[] = [];
    for (const [address, progress] of this.#open) {
      if (!progress.summarised) this.#close(address, { unknown: 'fping ended without a result' });
      else if (progress.rtts_ms.some((rtt) => rtt !== undefined)) this.#close(address, losses(progress));
      else unsent.push(...progress.orders);
    }
    this.#open.clear();
    return unsent;
  }

  /** fping has failed. What it had told of in full stands, the rest is unknown. */
  failed(reason: string): void {
    for (const [address, progress] of this.#open) {
      const complete = progress.rtts_ms.every((rtt) => rtt !== undefined);
      this.#close(address, complete ? losses(progress) : { unknown: reason });
    }
  }

  #close(address: string, result: ProbeResult): void {
    const progress = this.#open.get(address);
    this.#open.delete(address);
    progress?.tell(result);
  }
}

function losses({ rtts_ms, detail }: Progress): ProbeResult {
  const result = rtts_ms.map((rtt) => rtt ?? null);
  return detail === undefined ? { rtts_ms: result } : { rtts_ms: result, detail };
}

/**
 * What it means that the kernel would not send. No route: in a mesh the routes of a node that dies are withdrawn, so
 * this is how its death looks, and whether our own host is cut off is the anchors' question. Anything else (a local
 * packet filter, a size that does not fit) says nothing of the device.
 */
export function resultOfSendError(message: string, count: number): ProbeResult {
  if (/unreachable|no route to host|host is down/i.test(message)) {
    return { rtts_ms: Array<null>(count).fill(null), detail: `no route: ${message}`, unsent: true };
  }
  return { unknown: `the request could not be sent: ${message}` };
}
