import { ipFamily } from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { canonicalAddress } from './canonical-address.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

describe('the canonical form of an address', () => {
  it('is the IPv4 address of one mapped into IPv6', () => {
    expect(canonicalAddress('::ffff:10.0.0.1')).toBe('10.0.0.1');
    expect(canonicalAddress('0:0:0:0:0:FFFF:a00:1')).toBe('10.0.0.1');
  });

  it('is the short form of an IPv6 address, with its zone', () => {
    expect(canonicalAddress('2001:DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
    expect(canonicalAddress('FE80:0::0001%eth0')).toBe('fe80::1%eth0');
  });

  it('is what is given where that is canonical, or no address', () => {
    for (const text of ['10.0.0.1', '::1', '2001:db8::1', 'fe80::1%eth0', 'router.lan', '']) {
      expect(canonicalAddress(text)).toBe(text);
    }
  });

  it('is one for all ways to write an address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const canonical = canonicalAddress(address);
        expect(ipFamily(canonical)).toBeDefined();
        expect(canonicalAddress(canonical)).toBe(canonical);
        expect(canonicalAddress(address.toUpperCase())).toBe(canonical);
      }),
    );
  });
});
