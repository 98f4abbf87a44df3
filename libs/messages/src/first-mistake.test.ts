import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { channels } from './channels.ts';
import { firstMistake } from './first-mistake.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

const schemas = Object.values(channels).map(({ definition }) => definition.payload as z.ZodType);
const devices = Array.from({ length: 100 }, (_, n) => ({ device: `d${n}`, addresses: ['192.0.2.1'] }));
const header = {
  ...{ state: 'online', host_key: 'a'.repeat(32), incarnation: 1, session: 1, beat: 1, site: 'home', capacity: 1 },
  ...{ policy: {}, probe_age_s: null, probing: true, isolated: false, intents: '0'.repeat(16) },
  claims: { version: 0, count: 0, digest: '0'.repeat(16) },
};

describe('the first mistake', () => {
  test.each([
    [channels.addDevices, { devices: [...devices, { device: 'UP', addresses: ['192.0.2.1'] }] }, 'devices.100.device'],
    [
      channels.addDevices,
      { devices: [...devices, { device: 'd', addresses: ['192.0.2.1', '?'] }] },
      'devices.100.addresses.1',
    ],
    [channels.addDevices, { devices: [] }, 'devices'],
    [channels.claims, { incarnation: 1, version: 1, claims: { a: { state: 'held', sees: 'down' }, B: 1 } }, 'claims.B'],
    [channels.claims, { incarnation: 1, version: 1, claims: { a: { state: 'held' } } }, 'claims.a.sees'],
    [channels.claims, { incarnation: 1, version: 1, claims: [] }, 'claims'],
    [channels.status, { ...header, seen: { one: { incarnation: 0, version: 0 } } }, 'seen.one.incarnation'],
    [channels.status, { ...header, state: 'gone', seen: {} }, 'state'],
    [channels.wants, { incarnation: 1, versions: [] }, 'versions'],
  ])('of a message is named by its path', (channel, value, path) => {
    expect(firstMistake(channel.definition.payload, value)?.path.join('.')).toBe(path);
  });

  test('is found where there is one, and nowhere else', () => {
    fc.assert(
      fc.property(fc.constantFrom(...schemas), fc.jsonValue(), (schema, value) => {
        expect(firstMistake(schema, value) === undefined).toBe(schema.safeParse(value).success);
      }),
      { numRuns: 5_000 },
    );
  });

  test('is the only one that is described, however many there are', () => {
    let described = 0;
    const element = z.string().refine(() => false, {
      error: () => {
        described += 1;
        return 'is wrong';
      },
    });
    const many = Array.from({ length: 1_000 }, (_, n) => String(n));
    expect(firstMistake(z.array(element), many)).toMatchObject({ path: [0], message: 'is wrong' });
    expect(firstMistake(z.record(z.string(), element), { ...many })).toMatchObject({ path: ['0'] });
    expect(described).toBe(2);
  });
});

test('each payload of the contract can be compiled, so that it is read fast', () => {
  for (const schema of schemas) expect(() => z.compile(schema, { strict: true })).not.toThrow();
});
