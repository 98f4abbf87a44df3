import { describe, expect, it } from 'vitest';
import { isIsolated, type AnchorState } from './isolation.ts';

const anchor = (origin: AnchorState['origin'], state: AnchorState['state'], proven = true): AnchorState => ({
  address: '192.0.2.1',
  origin,
  state,
  proven,
});

describe('a monitor is isolated', () => {
  it('when all configured anchors and the gateway fail', () => {
    const anchors = [anchor('configured', 'down'), anchor('configured', 'down'), anchor('gateway', 'down')];
    expect(isIsolated(anchors, 'none')).toBe(true);
  });

  it('when all configured anchors fail, whatever else answers or never did', () => {
    expect(isIsolated([anchor('configured', 'down'), anchor('gateway', 'unknown', false)], 'answer')).toBe(true);
  });

  it('when its gateway, its only anchor, stopped answering and nobody else answers', () => {
    expect(isIsolated([anchor('gateway', 'down')], 'silent')).toBe(true);
    expect(isIsolated([anchor('gateway', 'down')], 'none')).toBe(true);
  });

  it('when a gateway that never answered is silent, and those that did answer are silent too', () => {
    expect(isIsolated([anchor('gateway', 'down', false)], 'silent')).toBe(true);
  });
});

describe('a monitor is not isolated', () => {
  it('without anchors', () => {
    expect(isIsolated([], 'silent')).toBe(false);
  });

  it('while one anchor answers', () => {
    expect(isIsolated([anchor('configured', 'down'), anchor('configured', 'up')], 'none')).toBe(false);
    expect(isIsolated([anchor('configured', 'down'), anchor('gateway', 'up')], 'none')).toBe(false);
  });

  it('before the failure of its anchors is confirmed', () => {
    expect(isIsolated([anchor('configured', 'down'), anchor('configured', 'unknown')], 'none')).toBe(false);
    expect(isIsolated([anchor('gateway', 'unknown')], 'silent')).toBe(false);
  });

  it('when its gateway fails but others answer: then the gateway is in trouble', () => {
    expect(isIsolated([anchor('gateway', 'down')], 'answer')).toBe(false);
  });

  it('when a gateway that may not answer pings at all is silent, and nobody else was heard yet', () => {
    expect(isIsolated([anchor('gateway', 'down', false)], 'none')).toBe(false);
  });
});
