/** One thing that a service needs in order to do its work. */
export interface HealthReport {
  readonly ok: boolean;
  /** What is wrong and what to do, when it is not ok. */
  readonly detail: string;
}

/** Collects what the parts of a service report of themselves; `/healthz` shows it. Healthy while every part is ok. */
export class Health {
  readonly #parts = new Map<string, HealthReport>();

  /** Says how a part is; the newest word counts. */
  report(part: string, ok: boolean, detail = ''): void {
    this.#parts.set(part, { ok, detail });
  }

  get ok(): boolean {
    return [...this.#parts.values()].every((part) => part.ok);
  }

  get parts(): ReadonlyMap<string, HealthReport> {
    return this.#parts;
  }
}
