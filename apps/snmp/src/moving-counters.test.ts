import { setTimeout as sleep } from 'node:timers/promises';
import { startSnmpsim, type Snmpsim } from '@guaita/lab';
import type { InterfaceObservation } from '@guaita/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IF, SYS_UP_TIME } from './mib.ts';
import { newMemory, pollAgent } from './poll.ts';
import { Profile, readyProfile } from './profiles.ts';
import { systemParts } from './system.ts';

/** snmpsim's own variation of a number with time: so much a second from its start on. */
const numeric = (oid: string, tag: number, options: string): string => `${oid}|${tag}:numeric|${options}\n`;

/**
 * Counters that run in a real agent: ifIndex 1 wraps its 64 bits fifteen seconds after the start, 2 its 32 bits, 3 is set back
 * to 0 then, and 4 runs at ten times its speed.
 */
const RECORDING = [
  numeric(`${SYS_UP_TIME}.0`, 67, 'rate=100,initial=500000'),
  ...[1, 2, 3, 4].map((index) => `${IF.type}.${index}|2|6\n`),
  ...[1, 2, 3, 4].map((index) => `${IF.speed}.${index}|66|100000000\n`),
  numeric(`${IF.in_octets_32}.2`, 65, `rate=1250000,initial=${2 ** 32 - 15 * 1_250_000},wrap=1`),
  numeric(`${IF.in_errors}.1`, 65, 'rate=5'),
  ...['wide', 'narrow', 'reset', 'beyond'].map((name, index) => `${IF.name}.${index + 1}|4|${name}\n`),
  numeric(`${IF.in_octets}.1`, 70, `rate=1250000,initial=18446744073690801616,wrap=1`),
  numeric(`${IF.in_octets}.3`, 70, `rate=1250000,initial=900000000000,max=900018750000,wrap=1`),
  numeric(`${IF.in_octets}.4`, 70, 'rate=1250000000,initial=1000'),
].join('');

let snmpsim: Snmpsim;
beforeAll(async () => {
  snmpsim = await startSnmpsim({ recordings: { moving: RECORDING } });
}, 90_000);
afterAll(() => snmpsim.stop());

describe('counters of a running agent', () => {
  it('give true rates through wraps, and none where they were set back or jump', async () => {
    const parts = systemParts(
      () => undefined,
      (error) => {
        throw error;
      },
    );
    const profile = readyProfile('moving', Profile.parse({ community: 'moving', allowed: ['127.0.0.1'] }));
    const session = parts.transport.open('127.0.0.1', snmpsim.port, profile);
    const memory = newMemory('2c');
    const seen: Record<string, InterfaceObservation>[] = [];
    const of = (name: string): InterfaceObservation[] => seen.map((interfaces) => interfaces[name]!);
    const wrapped = (name: string): boolean =>
      of(name).some(({ in_octets }, poll) => poll > 0 && in_octets! < of(name)[poll - 1]!.in_octets!);
    const moving = ['wide', 'narrow', 'reset'];
    for (let poll = 0; poll < 25 && !moving.every(wrapped); poll += 1) {
      if (poll > 0) await sleep(1500);
      seen.push((await pollAgent(session, profile, memory, () => performance.now())).interfaces);
    }
    session.close();
    parts.transport.stop();

    expect(moving.map(wrapped)).toEqual([true, true, true]);
    for (const name of ['wide', 'narrow']) {
      for (const { in_bps } of of(name).slice(1)) expect(Math.abs(in_bps! - 10e6)).toBeLessThan(2e6);
    }
    expect(of('wide').at(-1)?.in_errors_per_s).toBeGreaterThan(3);
    expect(of('reset').filter(({ missing }) => missing?.['in_bps'] === 'counter went back')).toHaveLength(1);
    expect(of('reset').every(({ in_bps }) => in_bps === null || in_bps < 20e6)).toBe(true);
    expect(of('beyond')[1]).toMatchObject({ in_bps: null, missing: { in_bps: 'counter jumped' } });
  }, 60_000);
});
