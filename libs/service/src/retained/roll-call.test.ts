import { describe, expect, it } from 'vitest';
import { RollCall } from './roll-call.ts';

describe('the roll call', () => {
  it('misses those that were not heard of since the connection was lost, once the broker is quiet', () => {
    const call = new RollCall();
    call.begin();
    call.hears('early', 0);
    call.back(1000);
    call.hears('late', 9000);
    expect(call.absent(['early', 'late', 'gone'], 18_000)).toEqual([]);
    expect(call.absent(['early', 'late', 'gone'], 19_000)).toEqual(['gone']);
    expect(call.absent(['early', 'late', 'gone'], 60_000)).toEqual([]);
  });

  it('misses nobody before the connection was lost, while it is, and when the broker came back empty', () => {
    const call = new RollCall();
    call.hears('a', 0);
    expect(call.absent(['a', 'b'], 60_000)).toEqual([]);
    call.begin();
    expect(call.absent(['a', 'b'], 600_000)).toEqual([]);
    call.back(600_000);
    expect(call.absent(['a', 'b'], 700_000)).toEqual([]);
  });

  it('begins anew when the connection is lost again', () => {
    const call = new RollCall();
    call.begin();
    call.back(0);
    call.hears('a', 1000);
    call.begin();
    expect(call.absent(['a', 'b'], 20_000)).toEqual([]);
    call.back(20_000);
    call.hears('b', 20_100);
    expect(call.absent(['a', 'b'], 40_000)).toEqual(['a']);
  });
});
