import type { Id } from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { capacityInHandover, decide, type OwnClaim } from './decide.ts';
import { plan } from './planner.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

/** What one monitor has said of itself, as another may have it. */
interface Copy {
  readonly own: ReadonlyMap<Id, OwnClaim>;
  readonly seen: ReadonlyMap<Id, number>;
}

/** A monitor that decides on what it has heard, however old that is. */
class Member {
  readonly name: Id;
  readonly capacity: number;
  readonly own = new Map<Id, OwnClaim>();
  readonly #copies = new Map<Id, Copy>();
  readonly #seen = new Map<Id, number>();
  #version = 0;
  planned: ReadonlyMap<Id, readonly Id[]> = new Map();

  constructor(name: Id, capacity: number) {
    this.name = name;
    this.capacity = capacity;
  }

  hear(other: Member): void {
    this.#copies.set(other.name, { own: new Map(other.own), seen: new Map(other.#seen) });
    this.#seen.set(other.name, other.#version);
  }

  decide(): void {
    const decisions = decide(
      {
        self: this.name,
        capacity: this.capacity,
        own: this.own,
        planned: (device) => this.planned.get(device) ?? [],
        known: () => true,
        holds: (monitor, device) => this.#copies.get(monitor)?.own.get(device)?.state === 'held',
        seen: (monitor) => this.#copies.get(monitor)?.seen.get(this.name) ?? -1,
      },
      this.planned.keys(),
    );
    if (decisions.length > 0) this.#version += 1;
    for (const { device, to } of decisions) {
      if (to === 'released') this.own.delete(device);
      else this.own.set(device, { state: to, version: this.#version });
    }
  }
}

describe('a cluster whose monitors have not one place to spare', () => {
  const names = ['m1', 'm2', 'm3', 'm4', 'm5'];
  /** Who is believed to be up, who learns of that, who hears whom and who decides in a step, as bits. */
  const step = fc.record({
    up: fc.nat(31),
    learns: fc.nat(31),
    hears: fc.nat(2 ** 25 - 1),
    decides: fc.nat(31),
  });
  const bit = (bits: number, index: number): boolean => ((bits >>> index) & 1) === 1;

  it('never leaves a device unwatched, never takes too much, and ends as planned', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        fc.array(step, { maxLength: 30 }),
        (capacity, k, steps) => {
          const count = Math.floor((names.length * capacity) / k);
          const devices = Array.from({ length: count }, (_, index) => ({ device: `d${index}` }));
          const planFor = (up: number): ReadonlyMap<Id, readonly Id[]> =>
            plan(
              devices,
              names.map((monitor, index) => ({
                monitor,
                site: 'attic',
                tags: [],
                capacity: bit(up, index) ? capacity : 0,
              })),
              { monitors_per_device: k, snmp_per_device: 1, mode: 'spread' },
            );
          const settled = planFor(31);
          const members = names.map((name) => new Member(name, capacity));
          for (const member of members) {
            member.planned = settled;
            member.decide();
          }
          const check = (): void => {
            for (const { own } of members) expect(own.size).toBeLessThanOrEqual(capacityInHandover(capacity));
            for (const { device } of devices) expect(members.some(({ own }) => own.has(device))).toBe(true);
          };
          for (const { up, learns, hears, decides } of steps) {
            const planned = planFor(up);
            for (const [index, member] of members.entries()) {
              if (bit(learns, index)) member.planned = planned;
              for (const [at, other] of members.entries()) {
                if (other !== member && bit(hears, index * 5 + at)) member.hear(other);
              }
              if (bit(decides, index)) member.decide();
              check();
            }
          }
          for (const member of members) member.planned = settled;
          for (let quiet = 0; quiet < 50; quiet += 1) {
            for (const member of members) for (const other of members) if (other !== member) member.hear(other);
            for (const member of members) member.decide();
            check();
          }
          for (const { device } of devices) {
            const holders = members.filter(({ own }) => own.get(device)?.state === 'held').map(({ name }) => name);
            const claimants = members.filter(({ own }) => own.has(device)).map(({ name }) => name);
            expect(holders).toEqual(settled.get(device)!.toSorted());
            expect(claimants).toEqual(holders);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
