import type { Id } from '@guaita/model';

/**
 * After a reconnection the broker sends all that it keeps again, within moments. What it has not sent when it has been
 * quiet for this long was taken away while we were away.
 */
const QUIET_MS = 10_000;

/** Finds what was taken away while the broker was away, by its id. Pure: the caller says what time it is. */
export class RollCall {
  #call: { readonly heard: Set<Id>; quietSince_ms: number | undefined } | undefined;

  /**
   * The connection is lost: from here on what is heard counts. Not only once it is back, since the bus may tell of that
   * after it has given us what was sent again.
   */
  begin(): void {
    this.#call = { heard: new Set(), quietSince_ms: undefined };
  }

  /** The connection is back. */
  back(now_ms: number): void {
    if (this.#call !== undefined) this.#call.quietSince_ms = now_ms;
  }

  /** Something was said of one of them, or it was taken away. */
  hears(id: Id, now_ms: number): void {
    if (this.#call === undefined) return;
    this.#call.heard.add(id);
    this.#call.quietSince_ms = now_ms;
  }

  /**
   * Those of what is known that were not heard of again, told once. A broker that came back empty proves nothing, so then
   * there are none.
   */
  absent(known: Iterable<Id>, now_ms: number): Id[] {
    const call = this.#call;
    if (call?.quietSince_ms === undefined || now_ms - call.quietSince_ms < QUIET_MS) return [];
    this.#call = undefined;
    return call.heard.size > 0 ? [...known].filter((id) => !call.heard.has(id)) : [];
  }
}
