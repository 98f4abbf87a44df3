import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Permission } from './permission.ts';

const open = { allowed: ['0.0.0.0/0', '::/0'], denied: [], own: ['192.168.1.7/24', '10.9.9.1/31', '127.0.0.1/8'] };

describe('the permission to probe', () => {
  it.each(['10.0.0.1', '192.168.1.8', '127.0.0.1', '2001:db8::1', 'fe80::1%eth0', '10.9.9.1', '::1'])(
    'lets %s be probed',
    (address) => {
      expect(new Permission(open).refusal(address)).toBeUndefined();
    },
  );

  it.each([
    ['224.0.0.1', 'a multicast'],
    ['239.255.255.255', 'a multicast'],
    ['255.255.255.255', 'broadcast'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['ff02::1', 'a multicast'],
    ['ff02::1%eth0', 'a multicast'],
    ['::', 'unspecified'],
    ['::ffff:224.0.0.1', 'a multicast'],
    ['0:0:0:0:0:ffff:e000:1', 'a multicast'],
    ['::ffff:255.255.255.255', 'broadcast'],
    ['192.168.1.255', 'the broadcast address of a network of this host'],
    ['192.168.1.0', 'the broadcast address of a network of this host'],
    ['::ffff:192.168.1.255', 'the broadcast address of a network of this host'],
  ])('refuses %s whatever is configured', (address, why) => {
    expect(new Permission(open).refusal(address)).toContain(why);
  });

  it('keeps to the configured networks, and says which rule refused', () => {
    const permission = new Permission({ allowed: ['10.0.0.0/8'], denied: ['10.1.0.0/16'], own: [] });
    expect(permission.refusal('10.2.0.1')).toBeUndefined();
    expect(permission.refusal('::ffff:10.2.0.1')).toBeUndefined();
    expect(permission.refusal('10.1.2.3')).toBe('10.1.2.3 is refused: it is in denied_networks');
    expect(permission.refusal('::ffff:10.1.2.3')).toContain('denied_networks');
    expect(permission.refusal('192.0.2.1')).toBe('192.0.2.1 is refused: it is not in allowed_networks');
    expect(permission.refusal('2001:db8::1')).toContain('not in allowed_networks');
  });

  it('lets no text through that is no address', () => {
    const permission = new Permission(open);
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^[0-9a-f:.]*$/i.test(text));
        expect(permission.refusal(text)).toBeDefined();
      }),
    );
  });
});
