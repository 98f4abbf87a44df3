import type { OwnProbing } from '@guaita/cluster';
import type { Presence, Probing } from '@guaita/messages';
import type { Id } from '@guaita/model';

/** The ping service says `probing` every 5 s; three in a row missed are no accident. */
export const PROBING_PATIENCE_ms = 15_000;

/** What this monitor knows of its own probing, by its own monotonic clock. */
export class OwnView {
  #probing: Probing | undefined;
  #heardAt_ms = -Infinity;
  readonly #instances = new Set<Id>();
  #gone = false;

  /** @param retained a stored message tells what was, not that anybody is alive. */
  hearProbing(probing: Probing | undefined, retained: boolean, at_ms: number): void {
    if (retained) return;
    this.#probing = probing;
    this.#heardAt_ms = at_ms;
    this.#gone = false;
  }

  /** A ping service whose presence is taken away, by itself or by the broker, need not be waited for. */
  hearPresence(instance: Id, presence: Presence | undefined): void {
    if (presence !== undefined) {
      this.#instances.add(instance);
      this.#gone = false;
    } else if (this.#instances.delete(instance)) {
      this.#gone = this.#instances.size === 0;
    }
  }

  /** How long what was heard last still counts. */
  left_ms(now_ms: number): number {
    return Math.max(0, this.#heardAt_ms + PROBING_PATIENCE_ms - now_ms);
  }

  /** How things are at a moment. */
  at(now_ms: number, wall_ms: number): OwnProbing {
    const said = this.#gone || this.left_ms(now_ms) === 0 ? undefined : this.#probing;
    if (said === undefined) return { probing: false, probe_age_s: null, isolated: false };
    // Both times are of this host's wall clock; were it set back meanwhile, the probe is as new as can be.
    const age_ms = said.last_probe_at === null ? undefined : Math.max(0, wall_ms - Date.parse(said.last_probe_at));
    return { probing: true, isolated: said.isolated, probe_age_s: age_ms === undefined ? null : age_ms / 1000 };
  }
}
