import fc from 'fast-check';
import { InterfaceObservation } from '@guaita/model';
import { describe, expect, it } from 'vitest';
import { FALLBACK_COLUMNS, INTERFACE_COLUMNS, readInterfaces, type InterfaceMemory } from './interfaces.ts';
import { IF } from './mib.ts';
import { indexBelow } from './oid.ts';
import { object, sampleInterface, type SampleInterface } from './sample-agents.ts';
import type { SnmpType, Varbind } from './session.ts';
import { Table } from './table.ts';

const COLUMNS = [...INTERFACE_COLUMNS, ...FALLBACK_COLUMNS];

/** A table of the objects given, read at a time; the agent booted 10,000 s before the first poll. */
function table(objects: readonly Varbind[], at_s: number, boot_s = -10_000): Table {
  const made = new Table(COLUMNS);
  const stamp = { local_ms: at_s * 1000, ticks: Math.round((at_s - boot_s) * 100) };
  for (const varbind of objects) {
    for (const [position, column] of COLUMNS.entries()) {
      const index = indexBelow(column, varbind.oid);
      if (index !== undefined) made.set(index, position, varbind, stamp);
    }
  }
  return made;
}

const none: InterfaceMemory = new Map();

/** What is seen of one interface in two polls a minute apart. */
function twice(before: SampleInterface, after: SampleInterface, extra: readonly Varbind[] = []): InterfaceObservation {
  const first = readInterfaces(table(sampleInterface(before), 0), none);
  const second = readInterfaces(table([...sampleInterface(after), ...extra], 60), first.memory);
  const [observation] = Object.values(second.interfaces);
  return observation!;
}

const port: SampleInterface = { index: 3, name: 'Gi3', octets: 5_000_000_000n };

describe('interfaces', () => {
  it('come by name with their rates since the last poll', () => {
    const observation = twice(port, { ...port, octets: port.octets + 750_000_000n });
    expect(observation).toMatchObject({
      index: 3,
      admin: 'up',
      oper: 'up',
      speed_bps: 1e9,
      in_bps: 100e6,
      out_bps: 100e6,
      in_octets: 5_750_000_000,
      in_errors_per_s: 0,
      in_multicast_per_s: 0,
    });
    expect(observation).not.toHaveProperty('rates_unknown');
    expect(observation).not.toHaveProperty('missing');
  });

  it('have no rates in the first poll, and say so', () => {
    const { interfaces } = readInterfaces(table(sampleInterface(port), 0), none);
    expect(interfaces['Gi3']).toMatchObject({ in_bps: null, in_errors_per_s: null, rates_unknown: 'first poll' });
  });

  it('have no rates after a reboot', () => {
    const { memory } = readInterfaces(table(sampleInterface(port), 0), none);
    const after = table(sampleInterface({ ...port, octets: 9_000_000_000n }), 60, 30);
    expect(readInterfaces(after, memory).interfaces['Gi3']).toMatchObject({ in_bps: null, rates_unknown: 'reboot' });
  });

  it('have no rates when ifCounterDiscontinuityTime moved', () => {
    const moved = object(`${IF.discontinuity}.3`, 'timeticks', 777);
    expect(twice(port, port, [moved])).toMatchObject({ in_bps: null, rates_unknown: 'discontinuity' });
  });

  it('are followed by name when the index moves, without a rate unless the agent keeps discontinuity times', () => {
    expect(twice(port, { ...port, index: 9 })).toMatchObject({ index: 9, rates_unknown: 'interface replaced' });
    const kept = (index: number): Varbind => object(`${IF.discontinuity}.${index}`, 'timeticks', 500);
    const first = readInterfaces(table([...sampleInterface(port), kept(3)], 0), none);
    const moved = sampleInterface({ ...port, index: 9, octets: port.octets + 75_000_000n });
    const second = readInterfaces(table([...moved, kept(9)], 60), first.memory);
    expect(second.interfaces['Gi3']).toMatchObject({ index: 9, in_bps: 10e6 });
  });

  it('say which rate is null when it is only one', () => {
    const narrow = { ...port, bits: 32 as const, octets: 1_000_000n };
    const observation = twice(narrow, narrow);
    expect(observation).toMatchObject({ in_bps: null, in_errors_per_s: 0, missing: { in_bps: 'wraps too fast' } });
  });

  it('fall back to 32-bit counters and ifDescr, through a wrap', () => {
    const slow = { ...port, bits: 32 as const, speed_bps: 10e6, octets: 4_294_967_000n };
    const { interfaces, memory, neverGiven } = readInterfaces(table(sampleInterface(slow), 0), none);
    expect(Object.keys(interfaces)).toEqual(['Port Gi3']);
    expect(neverGiven).toEqual(['in_multicast_per_s', 'out_multicast_per_s']);
    const wrapped = table(sampleInterface({ ...slow, octets: 4_294_967_296n + 5704n }), 60);
    expect(readInterfaces(wrapped, memory).interfaces['Port Gi3']).toMatchObject({ in_bps: 800 });
  });

  it('take a run past ifSpeed for a jump once, and for a wrong ifSpeed when it goes on', () => {
    const tunnel = { ...port, name: 'tun0', speed_bps: 10e6 };
    let memory = readInterfaces(table(sampleInterface(tunnel), 0), none).memory;
    const seen = [1n, 2n, 3n].map((minute) => {
      const read = readInterfaces(
        table(sampleInterface({ ...tunnel, octets: port.octets + minute * 750_000_000n }), Number(minute) * 60),
        memory,
      );
      memory = read.memory;
      return read.interfaces['tun0'];
    });
    expect(seen.map((observation) => observation?.in_bps)).toEqual([null, 100e6, 100e6]);
    expect(seen[0]).toMatchObject({ missing: { in_bps: 'counter jumped' } });
  });

  it('keep the older sample when a poll comes too soon, so that the next rate is sound', () => {
    const first = readInterfaces(table(sampleInterface(port), 0), none);
    const soon = readInterfaces(table(sampleInterface({ ...port, octets: port.octets + 10n }), 0.1), first.memory);
    expect(soon.interfaces['Gi3']).toMatchObject({ rates_unknown: 'too soon' });
    const third = readInterfaces(table(sampleInterface({ ...port, octets: port.octets + 7500n }), 60), soon.memory);
    expect(third.interfaces['Gi3']).toMatchObject({ in_bps: 1000 });
  });

  it('know their speed from ifHighSpeed where ifSpeed ends, and from ifSpeed where ifHighSpeed is too coarse', () => {
    const speed = (speed_bps: number): number | null => twice({ ...port, speed_bps }, { ...port, speed_bps }).speed_bps;
    expect(speed(100e9)).toBe(100e9);
    expect(speed(64_000)).toBe(64_000);
  });

  it('report only those wanted, and remember all', () => {
    const two = [...sampleInterface(port), ...sampleInterface({ ...port, index: 4, name: 'Gi4' })];
    const { interfaces, memory } = readInterfaces(table(two, 0), none, ['Gi4', 'Gi99']);
    expect(Object.keys(interfaces)).toEqual(['Gi4']);
    expect([...memory.keys()]).toEqual(['Gi3', 'Gi4']);
  });

  it('are what the schema says whatever types and values an agent gives', () => {
    const types: SnmpType[] = ['integer', 'string', 'counter32', 'counter64', 'oid', 'opaque', 'null', 'timeticks'];
    const value = fc.oneof(
      fc.integer(),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.uint8Array({ maxLength: 20 }),
      fc.constant(null),
    );
    const cell = fc.record({
      column: fc.constantFrom(...COLUMNS),
      index: fc.constantFrom('1', '2', '3', '0', '1.5', '4294967296'),
      type: fc.constantFrom(...types),
      value,
    });
    const poll = fc.array(cell, { maxLength: 60 });
    fc.assert(
      fc.property(poll, poll, (before, after) => {
        const read = (cells: typeof before, at_s: number): Table =>
          table(
            cells.map((one) => ({ oid: `${one.column}.${one.index}`, type: one.type, value: one.value })),
            at_s,
          );
        const first = readInterfaces(read(before, 0), none);
        const second = readInterfaces(read(after, 60), first.memory);
        for (const observation of Object.values(second.interfaces)) InterfaceObservation.parse(observation);
      }),
      { numRuns: 500 },
    );
  });
});
