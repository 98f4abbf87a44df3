import type { Alert, AlertKind, Id } from '@guaita/model';

/** The alerts that the broker keeps as open. */
export class OpenAlerts {
  readonly #alerts = new Map<string, Alert>();
  /** By kind and subject, then by part: of one part mostly one, more where an earlier speaker was cut short. */
  readonly #of = new Map<string, Map<string | undefined, Set<Alert>>>();

  /** Notes what is kept under an id, and gives the alert that it concerns. */
  set(id: string, alert: Alert | undefined): Alert | undefined {
    const before = this.#alerts.get(id);
    if (before !== undefined) this.#drop(id, before);
    if (alert !== undefined) {
      this.#alerts.set(id, alert);
      const key = keyOf(alert.kind, alert.subject);
      const byPart = this.#of.get(key) ?? new Map<string | undefined, Set<Alert>>();
      this.#of.set(key, byPart.set(alert.part, (byPart.get(alert.part) ?? new Set()).add(alert)));
    }
    return alert ?? before;
  }

  get(id: string): Alert | undefined {
    return this.#alerts.get(id);
  }

  /** Those of a kind on a subject. */
  of(kind: AlertKind, subject: Id): readonly Alert[] {
    return [...(this.#of.get(keyOf(kind, subject))?.values() ?? [])].flatMap((alerts) => [...alerts]);
  }

  /** Those of a kind on one part of a subject; `undefined`: on the subject itself. */
  ofPart(kind: AlertKind, subject: Id, part: string | undefined): readonly Alert[] {
    return [...(this.#of.get(keyOf(kind, subject))?.get(part) ?? [])];
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
    const byPart = this.#of.get(key);
    const others = byPart?.get(alert.part);
    others?.delete(alert);
    if (others?.size === 0) byPart?.delete(alert.part);
    if (byPart?.size === 0) this.#of.delete(key);
  }
}

function keyOf(kind: AlertKind, subject: Id): string {
  return `${kind}/${subject}`;
}
