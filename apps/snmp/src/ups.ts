import type { UpsObservation } from '@guaita/model';
import { UPS, UPS_LOAD } from './mib.ts';
import type { Varbind } from './session.ts';
import type { Table } from './table.ts';
import { nameOf, numberOf } from './value.ts';

export const UPS_SCALARS: readonly string[] = Object.values(UPS);
export const UPS_COLUMNS: readonly string[] = [UPS_LOAD];

const BATTERY = { 1: 'unknown', 2: 'normal', 3: 'low', 4: 'depleted' } as const;

const SOURCE = {
  1: 'other',
  2: 'none',
  3: 'normal',
  4: 'bypass',
  5: 'battery',
  6: 'booster',
  7: 'reducer',
} as const;

/** What an uninterruptible power supply says of itself (UPS-MIB, RFC 1628); `undefined` when the agent has none. */
export function readUps(scalars: ReadonlyMap<string, Varbind>, output: Table): UpsObservation | undefined {
  const figure = (oid: string): number | null => {
    const value = numberOf(scalars.get(oid));
    return value === undefined || value < 0 ? null : value;
  };
  const loads = [...output.rows.values()]
    .map((row) => numberOf(output.cell(row, UPS_LOAD)))
    .filter((load) => load !== undefined && load >= 0)
    .map(Number);
  const remaining_min = figure(UPS.remaining_min);
  const charge = figure(UPS.charge);
  const ups: UpsObservation = {
    battery: nameOf(scalars.get(UPS.battery), BATTERY) ?? null,
    source: nameOf(scalars.get(UPS.source), SOURCE) ?? null,
    on_battery_s: figure(UPS.on_battery_s),
    remaining_s: remaining_min === null ? null : remaining_min * 60,
    charge_percent: charge !== null && charge <= 100 ? charge : null,
    load_percent: loads.length === 0 ? null : Math.max(...loads),
  };
  return Object.values(ups).every((value) => value === null) ? undefined : ups;
}
