import type { Health, HealthReport } from './health.ts';

export interface BoardReport {
  readonly ok: boolean;
  /** By `service/part`. */
  readonly parts: Readonly<Record<string, HealthReport>>;
}

/** The health of all services in a process. */
export class HealthBoard {
  readonly #services = new Map<string, Health>();

  add(service: string, health: Health): void {
    this.#services.set(service, health);
  }

  remove(service: string): void {
    this.#services.delete(service);
  }

  /** Not ok while there is no service at all, or any part of one is not ok. */
  report(): BoardReport {
    const services = [...this.#services];
    const parts = services.flatMap(([service, health]) =>
      [...health.parts].map(([part, report]): [string, HealthReport] => [`${service}/${part}`, report]),
    );
    return {
      ok: services.length > 0 && services.every(([, health]) => health.ok),
      parts: Object.fromEntries(parts),
    };
  }
}
