import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Address, ipFamily, Network, NetworkSet } from './address.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

describe('an address', () => {
  it.each(['10.0.0.1', '2001:db8::1', 'fe80::1%eth0', '::ffff:10.0.0.1', 'router', 'ap_2.guifi.net', 'a.b.'])(
    'may be %s',
    (text) => {
      expect(Address.safeParse(text).success).toBe(true);
    },
  );

  it.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '010.0.0.1',
    '0x7f.1',
    '1',
    '2130706433',
    '::g',
    'a..b',
    '-a',
    'a b',
    'a;b',
    '-f',
    'x'.repeat(254),
  ])('may not be %j', (text) => {
    expect(Address.safeParse(text).error?.issues[0]?.message).toBe(
      `${JSON.stringify(text)} is not an IP address or host name`,
    );
  });

  it('never begins with what a program could take for an option, nor holds white space', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        if (Address.safeParse(text).success) expect(text).toMatch(/^[^-\s][^\s]*$/);
      }),
      { numRuns: 50_000 },
    );
  });

  it('has a family when it is an IP address', () => {
    fc.assert(fc.property(fc.ipV4(), (text) => ipFamily(text) === 'ipv4'));
    fc.assert(fc.property(fc.ipV6(), (text) => ipFamily(text) === 'ipv6'));
    fc.assert(fc.property(fc.domain(), (text) => ipFamily(text) === undefined));
  });
});

describe('a network', () => {
  it.each(['10.0.0.0/8', '0.0.0.0/0', '10.0.0.1', '2001:db8::/32', '::1'])('may be %s', (text) => {
    expect(Network.safeParse(text).success).toBe(true);
  });

  it.each(['', '10.0.0.0/33', '10.0.0/8', '::/129', 'lan', '10.0.0.0/', '10.0.0.0/8/8', '/8'])(
    'may not be %j',
    (text) => {
      expect(Network.safeParse(text).success).toBe(false);
    },
  );
});

describe('a set of networks', () => {
  const set = new NetworkSet(['10.0.0.0/8', '2001:db8::/32', '192.168.1.1']);

  it.each([
    ['10.255.0.1', true],
    ['11.0.0.1', false],
    ['192.168.1.1', true],
    ['192.168.1.2', false],
    ['2001:db8::5', true],
    ['2001:db9::5', false],
    ['::ffff:10.1.1.1', true],
    ['::ffff:11.1.1.1', false],
    ['router', false],
    ['', false],
  ])('tells of %j: %s', (address, expected) => {
    expect(set.has(address)).toBe(expected);
  });

  it('of everything has every address of its family', () => {
    const everything = new NetworkSet(['0.0.0.0/0']);
    fc.assert(fc.property(fc.ipV4(), (address) => everything.has(address)));
  });

  it('refuses what is no network', () => {
    expect(() => new NetworkSet(['10.0.0.0/99'])).toThrow(new RangeError('"10.0.0.0/99" is not a network'));
  });
});
