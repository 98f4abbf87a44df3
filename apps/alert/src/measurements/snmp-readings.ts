import type { InterfaceObservation, SnmpObservation } from '@guaita/model';
import type { Reading } from './reading.ts';
import type { Rules } from './rules.ts';

/**
 * sysUpTime counts hundredths of a second in 32 bits (RFC 3418): after 497 days it begins again, and nobody has
 * restarted anything.
 */
const WRAPS_AT_s = 2 ** 32 / 100;
/** So near to its end it may have wrapped between two polls. */
const NEAR_WRAP_s = 86_400;

/** Not working, as its device says. The others, such as dormant (waiting for traffic), are no fault. */
const DOWN: readonly InterfaceObservation['oper'][] = ['down', 'lower_layer_down', 'not_present'];

/** What SNMP polls of one device say, by what they said before: of its interfaces, and of restarts. */
export class SnmpReadings {
  /** Interfaces that were seen up: one that never was is not missed. */
  #up: Set<string> | undefined;
  #uptime_s: number | undefined;
  #restarted_ms = -Infinity;

  /** @param up interfaces that were up before. */
  constructor(up: Iterable<string> = []) {
    for (const name of up) (this.#up ??= new Set()).add(name);
  }

  /** Interfaces that were up when they were last seen, and nobody has shut down since. */
  get up(): Iterable<string> {
    return this.#up ?? [];
  }

  /** @param isTold whether it is told already that the interface is down: then it was up once. */
  read(observation: SnmpObservation, rules: Rules, isTold: (name: string) => boolean, now_ms: number): Reading[] {
    const readings: Reading[] = [];
    for (const [name, seen] of Object.entries(observation.interfaces)) {
      readings.push(...this.#interface(name, seen, rules, isTold(name)));
    }
    readings.push(...this.#reboot(observation, rules, now_ms));
    return readings;
  }

  *#interface(name: string, seen: InterfaceObservation, rules: Rules, isTold: boolean): IterableIterator<Reading> {
    if (seen.oper === null) return;
    if (seen.oper === 'up') (this.#up ??= new Set()).add(name);
    // Somebody has shut it down, and knows; when it is wanted again it has to come up first.
    else if (seen.admin === 'down') this.#up?.delete(name);
    if (rules['interface-down'] !== undefined && (isTold || this.#up?.has(name) === true || seen.admin === 'down')) {
      const isDown = seen.admin !== 'down' && seen.admin !== 'testing' && DOWN.includes(seen.oper);
      yield { kind: 'interface-down', part: name, level: isDown ? 1 : 0, threshold: rules['interface-down'] };
    }
    if (seen.oper !== 'up') return;
    const busiest_bps = greatest(seen.in_bps, seen.out_bps);
    if (rules.utilisation !== undefined && busiest_bps !== undefined && seen.speed_bps !== null && seen.speed_bps > 0) {
      const percent = (100 * busiest_bps) / seen.speed_bps;
      yield { kind: 'utilisation', part: name, level: percent, threshold: rules.utilisation, value: percent };
    }
    const errors_per_s = greatest(seen.in_errors_per_s, seen.out_errors_per_s);
    if (rules.errors !== undefined && errors_per_s !== undefined) {
      yield { kind: 'errors', part: name, level: errors_per_s, threshold: rules.errors, value: errors_per_s };
    }
  }

  *#reboot({ uptime_s }: SnmpObservation, rules: Rules, now_ms: number): IterableIterator<Reading> {
    if (uptime_s === null || rules.reboot === undefined) return;
    const before_s = this.#uptime_s;
    this.#uptime_s = uptime_s;
    if (before_s === undefined) return;
    const hasWrapped = before_s > WRAPS_AT_s - NEAR_WRAP_s;
    if (uptime_s < before_s && !hasWrapped) this.#restarted_ms = now_ms - uptime_s * 1000;
    // In seconds since the restart, upside down: it begins with the restart and is over some time after.
    yield { kind: 'reboot', level: (this.#restarted_ms - now_ms) / 1000, threshold: rules.reboot };
  }
}

function greatest(a: number | null, b: number | null): number | undefined {
  if (a === null) return b ?? undefined;
  return b === null ? a : Math.max(a, b);
}
