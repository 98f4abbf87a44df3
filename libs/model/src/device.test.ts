import { describe, expect, it } from 'vitest';
import { Device } from './device.ts';

describe('a device', () => {
  it('needs an id, a name and an address; a check has sane defaults', () => {
    expect(Device.parse({ device: 'ap-1', name: 'AP 1', addresses: ['10.0.0.1'], checks: { ping: {} } })).toEqual({
      device: 'ap-1',
      name: 'AP 1',
      addresses: ['10.0.0.1'],
      parents: [],
      tags: [],
      checks: {
        ping: { interval_s: 60, count: 3, timeout_ms: 1000, size_bytes: 56, dont_fragment: false, family: 'any' },
      },
    });
  });

  it.each([
    ['a topic level in its id', { device: 'a/b' }],
    ['no address', { addresses: [] }],
    ['an interval of nothing', { checks: { ping: { interval_s: 0 } } }],
    ['an SNMP check without a profile', { checks: { snmp: {} } }],
  ])('is refused with %s', (_, change) => {
    const device = { device: 'ap-1', name: 'AP 1', addresses: ['10.0.0.1'], checks: {} };
    expect(Device.safeParse({ ...device, ...change }).success).toBe(false);
  });
});
