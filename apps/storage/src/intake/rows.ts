import {
  timestamp_ms,
  type Alert,
  type Id,
  type PingObservation,
  type SnmpObservation,
  type Verdict,
} from '@guaita/model';
import { alertRow } from '../kinds/alert.ts';
import { interfaceRows } from '../kinds/interface.ts';
import type { Heard, Row } from '../kinds/kind.ts';
import type { KindName } from '../kinds/kinds.ts';
import { pingRow } from '../kinds/ping.ts';
import { sensorRows } from '../kinds/sensor.ts';
import { snmpRow } from '../kinds/snmp.ts';
import { VerdictChanges } from '../kinds/verdict-changes.ts';
import { verdictRow } from '../kinds/verdict.ts';

/** Where rows go. */
export interface Keeper {
  /** Takes rows that are to be kept with the next `flush`. @throws {JournalFull} when it cannot now. */
  gather(kind: KindName, rows: readonly Row[]): void;
  /** Keeps what was gathered, so that an end of this process does not lose it. */
  flush(): void;
}

export interface RowsOptions {
  readonly keeper: Keeper;
  /** This monitor: what is worked out for the broker's audience is kept under its name. */
  readonly monitor: Id;
  /** Milliseconds since 1970. */
  readonly now_ms: () => number;
  /** Told what was kept. `at` is when it was seen. */
  readonly kept: (kind: KindName, rows: number, delay_ms: number) => void;
}

/** Makes rows of what is heard, and has them kept: all that came together at once. */
export class Rows {
  readonly #options: RowsOptions;
  readonly #changes = new VerdictChanges();

  constructor(options: RowsOptions) {
    this.#options = options;
  }

  ping(monitor: Id, device: Id, seen: PingObservation): void {
    const heard = this.#heard(monitor);
    this.#gather('ping', heard, seen.at, [pingRow(heard, device, seen)]);
  }

  snmp(monitor: Id, device: Id, seen: SnmpObservation): void {
    const heard = this.#heard(monitor);
    this.#gather('snmp', heard, seen.at, [snmpRow(heard, device, seen)]);
    this.#gather('interface', heard, seen.at, interfaceRows(heard, device, seen));
    this.#gather('sensor', heard, seen.at, sensorRows(heard, device, seen));
  }

  /** @param said `undefined`: the device is gone from the inventory. */
  verdict(device: Id, said: Verdict | undefined): void {
    if (said === undefined) {
      this.#changes.forget(device);
      return;
    }
    if (!this.#changes.isNew(device, said)) return;
    const heard = this.#heard(this.#options.monitor);
    try {
      this.#gather('verdict', heard, said.since, [verdictRow(heard, device, said)]);
    } catch (error) {
      // It comes again, and is still news then.
      this.#changes.forget(device);
      throw error;
    }
  }

  alert(said: Alert): void {
    const heard = this.#heard(this.#options.monitor);
    this.#gather('alert', heard, said.at, [alertRow(heard, said)]);
  }

  /** All that was heard is kept once this returns. */
  keep(): void {
    this.#options.keeper.flush();
  }

  #heard(monitor: Id): Heard {
    return { monitor, received_ms: this.#options.now_ms() };
  }

  #gather(kind: KindName, { received_ms }: Heard, at: string, rows: readonly Row[]): void {
    if (rows.length === 0) return;
    this.#options.keeper.gather(kind, rows);
    this.#options.kept(kind, rows.length, received_ms - timestamp_ms(at));
  }
}
