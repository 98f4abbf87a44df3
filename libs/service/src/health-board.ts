import type { Health, HealthReport } from './health.ts';

export interface BoardReport {
  readonly ok: boolean;
  /** By `service/part`. */
  readonly parts: Readonly<Record<string, HealthReport>>;
}

/** The health of all services in a process. */
export class HealthBoard {
  readonly #services = new Map<string, Health>();
  readonly #starting = new Set<string>();

  /** A service is to come; until it has started the process is not well. */
  expect(service: string): void {
    this.#starting.add(service);
  }

  add(service: string, health: Health): void {
    this.#services.set(service, health);
  }

  started(service: string): void {
    this.#starting.delete(service);
  }

  remove(service: string): void {
    this.#services.delete(service);
    this.#starting.delete(service);
  }

  /** Ok when there are services, all have started, and every part of each is ok. */
  report(): BoardReport {
    const starting = [...this.#starting].map((service): [string, HealthReport] => [
      `${service}/start`,
      { ok: false, detail: 'has not started yet' },
    ]);
    const parts = [...this.#services].flatMap(([service, { parts: own }]) =>
      [...own].map(([part, report]): [string, HealthReport] => [`${service}/${part}`, report]),
    );
    const all = [...starting, ...parts];
    return { ok: this.#services.size > 0 && all.every(([, { ok }]) => ok), parts: Object.fromEntries(all) };
  }
}
