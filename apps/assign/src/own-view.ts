import type { MonitorView, Probing, ServiceStatus } from '@guaita/messages';

/** The ping service says `probing` every 5 s; three in a row missed are no accident. */
export const PROBING_PATIENCE_ms = 15_000;

/** What this monitor knows of its own probing, by its own monotonic clock. */
export class OwnView {
  #probing: Probing | undefined;
  #heardAt_ms = -Infinity;

  /** @param retained a stored message tells what was, not that anybody is alive. */
  hearProbing(probing: Probing | undefined, retained: boolean, at_ms: number): void {
    if (retained) return;
    this.#probing = probing;
    this.#heardAt_ms = at_ms;
  }

  /** A ping service that says goodbye, or whose will is sent, need not be waited for. */
  hearPingStatus(status: ServiceStatus | undefined): void {
    if (status?.state === 'offline') this.#probing = undefined;
  }

  /** How long what was heard last still counts. */
  left_ms(now_ms: number): number {
    return Math.max(0, this.#heardAt_ms + PROBING_PATIENCE_ms - now_ms);
  }

  /** How things are at a moment. */
  at(now_ms: number): Pick<MonitorView, 'isolated' | 'probing'> {
    const probing = this.left_ms(now_ms) > 0 && this.#probing !== undefined;
    return { probing, isolated: probing && this.#probing?.isolated === true };
  }
}
