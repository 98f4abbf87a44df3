/** One thing that a service needs in order to do its work. */
export interface HealthReport {
  readonly ok: boolean;
  /** What is wrong and what to do, when it is not ok; of a part that is, what it does without meanwhile. */
  readonly detail: string;
}

/** Told when a part fails that was well or new, and when it is well again; not at each report. */
export type HealthListener = (part: string, report: HealthReport) => void;

/** Collects what the parts of a service report of themselves; `/healthz` shows it. Healthy while every part is ok. */
export class Health {
  readonly #parts = new Map<string, HealthReport>();
  readonly #onChange: HealthListener;

  constructor(onChange: HealthListener = () => undefined) {
    this.#onChange = onChange;
  }

  /** Says how a part is; the newest word counts. */
  report(part: string, ok: boolean, detail = ''): void {
    const wasOk = this.#parts.get(part)?.ok ?? true;
    this.#parts.set(part, { ok, detail });
    if (ok !== wasOk) this.#onChange(part, { ok, detail });
  }

  get ok(): boolean {
    return [...this.#parts.values()].every((part) => part.ok);
  }

  get parts(): ReadonlyMap<string, HealthReport> {
    return this.#parts;
  }
}
