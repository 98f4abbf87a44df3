import { summariseRtts, type PingObservation } from '@guaita/model';
import type { Outcome } from './confirmation.ts';
import type { ProbeResult, ProbeTarget } from './engine/engine.ts';
import type { WatchedDevice } from './watched-device.ts';

/** One address of a round. */
export interface RoundTarget extends ProbeTarget {
  readonly round: ProbeRound;
}

/** How a round ended, and what was measured. */
export interface RoundResult {
  readonly outcome: Outcome;
  readonly address: string;
  readonly rtts_ms: readonly (number | null)[];
  /** Why nothing was heard, as far as the network or the engine said. */
  readonly reason: string | undefined;
  /** No request left this host: there is no route to any of its addresses. */
  readonly unsent: boolean;
}

/** One probe of one device: all addresses that are tried at once. It ends with the first that answers. */
export class ProbeRound {
  readonly device: WatchedDevice;
  readonly targets: readonly RoundTarget[];
  readonly #onEnd: (round: ProbeRound, result: RoundResult) => void;
  #open: number;
  #ended = false;
  #silence: RoundResult | undefined;
  #unknown: string | undefined;

  constructor(
    device: WatchedDevice,
    addresses: readonly string[],
    onEnd: (round: ProbeRound, result: RoundResult) => void,
  ) {
    const { count, timeout_ms, size_bytes, dont_fragment } = device.check;
    this.device = device;
    this.targets = addresses.map((address) => ({ address, count, timeout_ms, size_bytes, dont_fragment, round: this }));
    this.#onEnd = onEnd;
    this.#open = addresses.length;
  }

  /** Takes the result of one of its targets. */
  take({ address }: RoundTarget, result: ProbeResult): void {
    this.#open -= 1;
    if (this.#ended) return;
    if ('unknown' in result) this.#unknown ??= result.unknown;
    else if (result.rtts_ms.some((rtt) => rtt !== null)) {
      const { rtts_ms } = result;
      this.#end({ outcome: { kind: 'answered', address }, address, rtts_ms, reason: undefined, unsent: false });
      return;
    } else {
      const { rtts_ms, detail: reason = 'no answer', unsent = false } = result;
      // A request that was sent tells more than one that was not.
      if (this.#silence === undefined || (this.#silence.unsent && !unsent)) {
        this.#silence = { outcome: { kind: 'silent' }, address, rtts_ms, reason, unsent };
      }
    }
    if (this.#open > 0) return;
    // An address of which nothing can be told might have answered.
    if (this.#unknown !== undefined || this.#silence === undefined) {
      const first = this.#silence?.address ?? this.targets[0]?.address ?? address;
      this.#end({ outcome: { kind: 'untold' }, address: first, rtts_ms: [], reason: this.#unknown, unsent: false });
    } else this.#end(this.#silence);
  }

  #end(result: RoundResult): void {
    this.#ended = true;
    this.#onEnd(this, result);
  }
}

/** The observation of a round. */
export function observationOf(
  at: string,
  state: PingObservation['state'],
  address: string | null,
  rtts_ms: readonly (number | null)[],
  reason: string | undefined,
): PingObservation {
  const summary = summariseRtts(rtts_ms);
  return reason === undefined ? { at, address, ...summary, state } : { at, address, ...summary, state, reason };
}
