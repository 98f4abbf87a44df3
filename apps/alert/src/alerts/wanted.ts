import type { Acknowledgement, Alert, Id, Silence, Silenced } from '@guaita/model';
import { Scope } from './scope.ts';

/** An acknowledgement from before an alert is of an earlier one of the same id; but hosts' clocks differ. */
const CLOCKS_DIFFER_ms = 300_000;

interface KnownSilence extends Silenced {
  readonly until_ms: number;
  readonly scope: Scope;
}

/** What operators want of alerts: silences and acknowledgements, as assign tells of them. */
export class Wanted {
  readonly #silences = new Map<Id, KnownSilence>();
  /** There may be thousands, and each open alert is looked at often: by the keys of their scopes. */
  readonly #byKey = new Map<string, Set<KnownSilence>>();
  readonly #acknowledgements = new Map<string, Acknowledgement>();

  /**
   * Alerts are silenced so; `undefined`: no longer.
   *
   * @returns whether an alert may be marked otherwise now than before.
   */
  silence(id: Id, silence: Silence | undefined): (alert: Alert) => boolean {
    const before = this.#silences.get(id);
    const after = silence && known(id, silence);
    if (before !== undefined) this.#drop(before);
    if (after !== undefined) this.#put(after);
    return (alert) => before?.scope.mayMean(alert) === true || after?.scope.mayMean(alert) === true;
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

  #put(silence: KnownSilence): void {
    this.#silences.set(silence.silence, silence);
    for (const key of silence.scope.keys) this.#byKey.set(key, (this.#byKey.get(key) ?? new Set()).add(silence));
  }

  #drop(silence: KnownSilence): void {
    this.#silences.delete(silence.silence);
    for (const key of silence.scope.keys) {
      const others = this.#byKey.get(key);
      others?.delete(silence);
      if (others?.size === 0) this.#byKey.delete(key);
    }
  }

  /** Of several silences the one that ends last. */
  #silencedBy(alert: Alert, sites: readonly Id[], wall_ms: number): Silenced | undefined {
    const about = { ...alert, sites };
    let last: KnownSilence | undefined;
    for (const key of Scope.keysOf(about)) {
      for (const each of this.#byKey.get(key) ?? []) {
        const counts = each.until_ms > wall_ms && (last === undefined || endsLater(each, last));
        if (counts && each.scope.means(about)) last = each;
      }
    }
    return last && { silence: last.silence, by: last.by, why: last.why, until: last.until };
  }

  #acknowledged({ id, since }: Alert): Acknowledgement | undefined {
    const given = this.#acknowledgements.get(id);
    return given !== undefined && Date.parse(given.at) >= Date.parse(since) - CLOCKS_DIFFER_ms ? given : undefined;
  }
}

function known(id: Id, silence: Silence): KnownSilence {
  const { by, why, until } = silence;
  return { silence: id, by, why, until, until_ms: Date.parse(until), scope: new Scope(silence) };
}

/** All brokers name the same one of those that end at once. */
function endsLater({ silence, until_ms }: KnownSilence, than: KnownSilence): boolean {
  return until_ms > than.until_ms || (until_ms === than.until_ms && silence < than.silence);
}

function isSame(a: object | undefined, b: object | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
