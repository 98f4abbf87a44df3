import type { Alert, AlertKind, Id } from '@guaita/model';

/** The alerts that the broker keeps as open. */
export class OpenAlerts {
  readonly #alerts = new Map<string, Alert>();
  /** By kind and subject: mostly one, more where an earlier speaker was cut short. */
  readonly #of = new Map<string, Set<Alert>>();

  /** Notes what is kept under an id, and gives the alert that it concerns. */
  set(id: string, alert: Alert | undefined): Alert | undefined {
    const before = this.#alerts.get(id);
    if (before !== undefined) this.#drop(id, before);
    if (alert !== undefined) {
      this.#alerts.set(id, alert);
      const key = keyOf(alert.kind, alert.subject);
      this.#of.set(key, (this.#of.get(key) ?? new Set()).add(alert));
    }
    return alert ?? before;
  }

  get(id: string): Alert | undefined {
    return this.#alerts.get(id);
  }

  /** Those of a kind on a subject. */
  of(kind: AlertKind, subject: Id): readonly Alert[] {
    return [...(this.#of.get(keyOf(kind, subject)) ?? [])];
  }

  has(kind: AlertKind, subject: Id): boolean {
    return this.#of.has(keyOf(kind, subject));
  }

  /** All of them. */
  values(): IterableIterator<Alert> {
    return this.#alerts.values();
  }

  #drop(id: string, alert: Alert): void {
    this.#alerts.delete(id);
    const key = keyOf(alert.kind, alert.subject);
    const others = this.#of.get(key);
    others?.delete(alert);
    if (others?.size === 0) this.#of.delete(key);
  }
}

function keyOf(kind: AlertKind, subject: Id): string {
  return `${kind}/${subject}`;
}
