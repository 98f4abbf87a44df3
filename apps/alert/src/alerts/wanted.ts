import type { Acknowledgement, Alert, Id, Silence, Silenced } from '@guaita/model';
import { isMeant } from './scope.ts';

/** An acknowledgement from before an alert is of an earlier one of the same id; but hosts' clocks differ. */
const CLOCKS_DIFFER_ms = 300_000;

/** What operators want of alerts: silences and acknowledgements, as assign tells of them. */
export class Wanted {
  readonly #silences = new Map<Id, Silence & { readonly until_ms: number }>();
  readonly #acknowledgements = new Map<string, Acknowledgement>();

  /** `undefined`: it is over. */
  silence(id: Id, silence: Silence | undefined): void {
    if (silence === undefined) this.#silences.delete(id);
    else this.#silences.set(id, { ...silence, until_ms: Date.parse(silence.until) });
  }

  /** `undefined`: nobody takes care of it any more. */
  acknowledge(alert: string, acknowledgement: Acknowledgement | undefined): void {
    if (acknowledgement === undefined) this.#acknowledgements.delete(alert);
    else this.#acknowledgements.set(alert, acknowledgement);
  }

  /** An open alert with what is wanted of it now; the same object where that is what it bears. */
  mark(alert: Alert, sites: readonly Id[], wall_ms: number): Alert {
    const { silenced: _silenced, acknowledged: _acknowledged, ...bare } = alert;
    const silenced = this.#silencedBy(alert, sites, wall_ms);
    const acknowledged = this.#acknowledged(alert);
    if (isSame(alert.silenced, silenced) && isSame(alert.acknowledged, acknowledged)) return alert;
    return {
      ...bare,
      ...(silenced === undefined ? {} : { silenced }),
      ...(acknowledged === undefined ? {} : { acknowledged }),
    };
  }

  /** Of several silences the one that ends last. */
  #silencedBy(alert: Alert, sites: readonly Id[], wall_ms: number): Silenced | undefined {
    let last: Silenced | undefined;
    for (const [id, silence] of this.#silences) {
      const { by, why, until, until_ms } = silence;
      if (until_ms <= wall_ms || !isMeant(silence, { ...alert, sites })) continue;
      if (last === undefined || endsLater({ id, until }, last)) last = { silence: id, by, why, until };
    }
    return last;
  }

  #acknowledged({ id, since }: Alert): Acknowledgement | undefined {
    const given = this.#acknowledgements.get(id);
    return given !== undefined && Date.parse(given.at) >= Date.parse(since) - CLOCKS_DIFFER_ms ? given : undefined;
  }
}

function endsLater({ id, until }: { readonly id: Id; readonly until: string }, than: Silenced): boolean {
  const later_ms = Date.parse(until) - Date.parse(than.until);
  return later_ms > 0 || (later_ms === 0 && id < than.silence);
}

function isSame(a: object | undefined, b: object | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
