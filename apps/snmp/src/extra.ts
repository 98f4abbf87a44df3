import type { ExtraObservation, RateUnknown } from '@guaita/model';
import { counterRate, intervalBetween, type Counter, type Stamp } from './counters.ts';
import type { Varbind } from './session.ts';
import { counterOf, given, looseNumberOf, textOf } from './value.ts';

/** An object that a profile names beside what is known by MIB. */
export interface ExtraObject {
  readonly name: string;
  /** An instance, with its index: `.0` of a scalar. */
  readonly oid: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'counter';
  /** Multiplies a gauge: agents have no fractions, so they say tenths. */
  readonly scale: number;
}

export interface ExtraSample {
  readonly stamp: Stamp;
  readonly counter: Counter;
}

export type ExtraMemory = ReadonlyMap<string, ExtraSample>;

export interface ExtraReadings {
  readonly extra: Record<string, ExtraObservation>;
  readonly memory: ExtraMemory;
  /** Names of those that the agent did not give, and why. */
  readonly missing: ReadonlyMap<string, string>;
}

/** Makes observations of the objects a profile names. Counters get a rate since the last poll, gauges none. */
export function readExtra(
  objects: readonly ExtraObject[],
  varbinds: ReadonlyMap<string, Varbind>,
  stamp: Stamp,
  previous: ExtraMemory,
): ExtraReadings {
  const extra: [string, ExtraObservation][] = [];
  const memory = new Map<string, ExtraSample>();
  const missing = new Map<string, string>();
  for (const object of objects) {
    const varbind = varbinds.get(object.oid);
    if (object.kind === 'counter') {
      const { observation, sample } = readCounter(object, varbind, stamp, previous.get(object.name));
      if (sample !== undefined) memory.set(object.name, sample);
      extra.push([object.name, observation]);
      if (observation.value === null) missing.set(object.name, why(varbind, 'a counter'));
    } else {
      const number = looseNumberOf(varbind);
      const value = number === undefined ? textOrOid(varbind) : scaled(number, object.scale);
      extra.push([object.name, { value, unit: object.unit }]);
      if (value === null) missing.set(object.name, why(varbind, 'a number or text'));
    }
  }
  return { extra: Object.fromEntries(extra), memory, missing };
}

function readCounter(
  { unit }: ExtraObject,
  varbind: Varbind | undefined,
  stamp: Stamp,
  before: ExtraSample | undefined,
): { observation: ExtraObservation; sample: ExtraSample | undefined } {
  const value = given(varbind) ? counterOf(varbind) : undefined;
  if (value === undefined) {
    return { observation: { value: null, unit, per_s: null, rate_unknown: 'not given' }, sample: undefined };
  }
  const counter: Counter = { value, bits: varbind?.type === 'counter64' ? 64 : 32 };
  const interval = before === undefined ? 'first poll' : intervalBetween(before.stamp, stamp);
  const rate: number | RateUnknown =
    typeof interval === 'string'
      ? interval
      : counterRate(before?.counter, counter, interval, { max_per_s: undefined, sustained: false });
  const known = typeof rate === 'number';
  return {
    observation: {
      value: Number(value),
      unit,
      per_s: known ? Math.round(rate * 1000) / 1000 : null,
      ...(known ? {} : { rate_unknown: rate }),
    },
    sample: interval === 'too soon' ? before : { stamp, counter },
  };
}

function scaled(value: number, scale: number): number {
  return scale === 1 ? value : Number((value * scale).toPrecision(12));
}

function textOrOid(varbind: Varbind | undefined): string | null {
  if (varbind?.type === 'oid' || varbind?.type === 'ip') return String(varbind.value);
  return textOf(varbind) ?? null;
}

function why(varbind: Varbind | undefined, wanted: string): string {
  if (varbind === undefined || !given(varbind)) return 'the device has no such object';
  return `the device gives ${varbind.type} where ${wanted} is wanted`;
}
