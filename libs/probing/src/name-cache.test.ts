import { ManualClock } from '@guaita/service';
import { describe, expect, it } from 'vitest';
import { NameCache, type Lookup } from './name-cache.ts';

const policy = { ttl_s: 300, negative_ttl_s: 30, timeout_s: 10, parallel: 2 };

/** A resolver that says what the test tells it to, and counts. */
function resolver() {
  const zone = new Map<string, readonly string[] | Error | 'hangs'>();
  const asked: string[] = [];
  const lookup: Lookup = (name, family) => {
    asked.push(`${name} ${family}`);
    const answer = zone.get(name) ?? new Error('no such name');
    if (answer === 'hangs') return new Promise(() => undefined);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const clock = new ManualClock();
  return { zone, asked, clock, names: new NameCache(lookup, clock, policy) };
}

describe('the names', () => {
  it('are pending at first, and tell when the answer is there', async () => {
    const { zone, clock, names } = resolver();
    zone.set('router.lan', ['10.0.0.1', 'fd00::1']);
    let told = 0;
    expect(names.resolve('router.lan', 'any', () => (told += 1))).toEqual({ kind: 'pending' });
    await clock.advance(1);
    expect(told).toBe(1);
    expect(names.resolve('router.lan', 'any')).toEqual({ kind: 'addresses', addresses: ['10.0.0.1', 'fd00::1'] });
  });

  it('are asked for once while they are fresh, and anew after that', async () => {
    const { zone, asked, clock, names } = resolver();
    zone.set('router.lan', ['10.0.0.1']);
    names.resolve('router.lan', 'any');
    for (let second = 0; second < 299; second += 1) {
      await clock.advance(1000);
      names.resolve('router.lan', 'any');
    }
    expect(asked).toHaveLength(1);
    zone.set('router.lan', ['10.0.0.2']);
    await clock.advance(2000);
    names.resolve('router.lan', 'any');
    await clock.advance(1);
    expect(names.resolve('router.lan', 'any')).toEqual({ kind: 'addresses', addresses: ['10.0.0.2'] });
  });

  it('keep their last good address for as long as the resolver fails', async () => {
    const { zone, asked, clock, names } = resolver();
    zone.set('router.lan', ['10.0.0.1']);
    names.resolve('router.lan', 'any');
    await clock.advance(1);
    zone.set('router.lan', new Error('SERVFAIL'));
    for (let minute = 0; minute < 600; minute += 1) {
      await clock.advance(60_000);
      expect(names.resolve('router.lan', 'any')).toEqual({ kind: 'addresses', addresses: ['10.0.0.1'] });
    }
    expect(asked.length).toBeGreaterThan(500);
  });

  it('that fail say why, and are asked for again after the negative time', async () => {
    const { zone, asked, clock, names } = resolver();
    names.resolve('router.lan', 'any');
    await clock.advance(1);
    expect(names.resolve('router.lan', 'any')).toEqual({
      kind: 'failed',
      reason: 'router.lan does not resolve: no such name',
    });
    await clock.advance(20_000);
    names.resolve('router.lan', 'any');
    expect(asked).toHaveLength(1);
    zone.set('router.lan', ['10.0.0.1']);
    await clock.advance(20_000);
    names.resolve('router.lan', 'any');
    await clock.advance(1);
    expect(names.resolve('router.lan', 'any')).toMatchObject({ kind: 'addresses' });
  });

  it('that hang fail after their time, and hold up only as many others as are asked beside each other', async () => {
    const { zone, clock, names } = resolver();
    zone.set('slow.lan', 'hangs');
    for (let index = 0; index < 50; index += 1) zone.set(`host-${index}.lan`, ['10.0.0.1']);
    names.resolve('slow.lan', 'any');
    for (let index = 0; index < 50; index += 1) names.resolve(`host-${index}.lan`, 'any');
    await clock.advance(1);
    expect(names.resolve('host-49.lan', 'any')).toMatchObject({ kind: 'addresses' });
    await clock.advance(10_000);
    expect(names.resolve('slow.lan', 'any')).toEqual({
      kind: 'failed',
      reason: 'slow.lan did not resolve within 10 s',
    });
  });

  it('are kept apart by family', async () => {
    const { zone, asked, clock, names } = resolver();
    zone.set('router.lan', ['10.0.0.1']);
    names.resolve('router.lan', 'ipv4');
    names.resolve('router.lan', 'ipv6');
    await clock.advance(1);
    expect(asked).toEqual(['router.lan ipv4', 'router.lan ipv6']);
  });

  it('that are addresses are not asked for, and must be of the family', () => {
    const { asked, names } = resolver();
    expect(names.resolve('10.0.0.1', 'any')).toEqual({ kind: 'addresses', addresses: ['10.0.0.1'] });
    expect(names.resolve('fd00::1', 'ipv6')).toEqual({ kind: 'addresses', addresses: ['fd00::1'] });
    expect(names.resolve('fd00::1', 'ipv4')).toEqual({ kind: 'failed', reason: 'fd00::1 is no ipv4 address' });
    expect(asked).toEqual([]);
  });

  it('give addresses in their canonical form, each once, and nothing else', async () => {
    const { zone, clock, names } = resolver();
    zone.set('router.lan', ['::ffff:10.0.0.1', '10.0.0.1', 'nonsense', '2001:DB8:0:0::1']);
    names.resolve('router.lan', 'any');
    await clock.advance(1);
    expect(names.resolve('router.lan', 'any')).toMatchObject({ addresses: ['10.0.0.1', '2001:db8::1'] });
    expect(names.resolve('::ffff:10.0.0.1', 'any')).toMatchObject({ addresses: ['10.0.0.1'] });
  });

  it('that nobody needs are forgotten, and not asked for where they still wait for it', async () => {
    const { zone, asked, clock, names } = resolver();
    for (const name of ['slow-1.lan', 'slow-2.lan']) zone.set(name, 'hangs');
    for (const name of ['kept.lan', 'gone.lan']) zone.set(name, ['10.0.0.1']);
    for (const name of ['kept.lan', 'gone.lan']) names.resolve(name, 'any');
    await clock.advance(1);
    for (const name of ['slow-1.lan', 'slow-2.lan', 'waits.lan']) names.resolve(name, 'any');
    expect(names.size).toBe(5);
    names.keepOnly(new Set(['kept.lan', 'slow-1.lan', 'slow-2.lan']));
    expect(names.size).toBe(3);
    expect(names.resolve('kept.lan', 'any')).toMatchObject({ kind: 'addresses' });
    expect(names.resolve('gone.lan', 'any')).toEqual({ kind: 'pending' });
    await clock.advance(60_000);
    expect(asked).not.toContain('waits.lan any');
  });
});
