import type { PingObservation, Trouble } from '@guaita/model';
import { Baseline } from './baseline.ts';
import type { KeptDevice } from './kept.ts';
import { Mean } from './mean.ts';
import type { Reading } from './reading.ts';
import type { Rules } from './rules.ts';

/** Farther from the median than this many times what half of the probes are, a round trip is out of the usual. */
const SPREADS = 4;

/** What pings of one device say, by what they said before: of loss, and of round trips. */
export class PingReadings {
  readonly #loss = new Mean();
  readonly #ln_rtt = new Mean();
  readonly #baseline: Baseline;

  /** @param usual what is known of before. */
  constructor(usual?: KeptDevice['usual']) {
    this.#baseline = new Baseline(usual);
  }

  /** What is to be known later of what is usual. */
  get usual(): KeptDevice['usual'] {
    return this.#baseline.kept;
  }

  /**
   * @param standing the latency that is told already, with what was usual then: it is held to that until it is over, or
   * until what is usual is known here.
   */
  read(observation: PingObservation, rules: Rules, standing: Trouble | undefined, now_ms: number): Reading[] {
    const readings: Reading[] = [];
    const { loss_percent, rtt_avg_ms } = observation;
    if (rules.loss !== undefined && loss_percent !== null) {
      const percent = this.#loss.note(loss_percent, rules.loss.over_s, now_ms);
      readings.push({ kind: 'loss', level: percent, threshold: rules.loss, value: percent });
    }
    if (rules.latency !== undefined && rtt_avg_ms !== null && rtt_avg_ms > 0) {
      const rtt_ms = Math.exp(this.#ln_rtt.note(Math.log(rtt_avg_ms), rules.latency.over_s, now_ms));
      const usual_ms = this.#baseline.isKnown ? this.#baseline.usual_ms : standing?.usual;
      this.#baseline.note(rtt_avg_ms);
      if (usual_ms !== undefined) {
        const isFar =
          rtt_ms >= usual_ms + rules.latency.least_ms && rtt_ms > usual_ms * this.#baseline.spread ** SPREADS;
        const level = isFar ? rtt_ms / usual_ms : Math.min(1, rtt_ms / usual_ms);
        readings.push({ kind: 'latency', level, threshold: rules.latency, value: rtt_ms, usual: usual_ms });
      }
    }
    return readings;
  }

  /** The device is down: what its last probes lost was its outage. What is usual of it stays. */
  pause(): void {
    this.#loss.reset();
    this.#ln_rtt.reset();
  }
}
