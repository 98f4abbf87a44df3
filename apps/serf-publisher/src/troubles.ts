import type { Health } from '@guaita/service';
import type { Logger } from 'pino';

/**
 * What is amiss with each part, told once when it comes and once when it is over, however often it is said. Health shows it
 * as well, though no part is unhealthy for it: everything else goes on, and a restart would mend nothing.
 */
export class Troubles {
  readonly #log: Logger;
  readonly #health: Health;
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor(log: Logger, health: Health) {
    this.#log = log;
    this.#health = health;
  }

  /** From now on this is amiss with a part, and nothing else. */
  set(part: string, troubles: readonly string[]): void {
    const before = this.#known.get(part) ?? new Set();
    const now = new Set(troubles);
    this.#known.set(part, now);
    this.#health.report(part, true, [...now].join('; '));
    for (const trouble of now) if (!before.has(trouble)) this.#log.warn({ part }, `${part}: ${trouble}`);
    if (before.size > 0 && now.size === 0) this.#log.info({ part }, `${part}: all is well again`);
  }
}
