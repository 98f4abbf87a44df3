import { describe, expect, it } from 'vitest';
import { OwnView, PROBING_PATIENCE_ms } from './own-view.ts';

const probing = { at: '2026-01-01T00:00:00.000Z', isolated: true, anchors: [], last_probe_at: null, devices: 0 };

describe('the view of this monitor itself', () => {
  it('believes a fresh word of its ping service until its time is over', () => {
    const view = new OwnView();
    view.hearProbing(probing, false, 1000);
    expect(view.at(1000 + PROBING_PATIENCE_ms - 1)).toEqual({ probing: true, isolated: true });
    expect(view.left_ms(1000)).toBe(PROBING_PATIENCE_ms);
    expect(view.at(1000 + PROBING_PATIENCE_ms)).toEqual({ probing: false, isolated: false });
  });

  it('takes a stored word for no sign of life', () => {
    const view = new OwnView();
    view.hearProbing(probing, true, 0);
    expect(view.at(0)).toEqual({ probing: false, isolated: false });
  });

  it('does not wait for a ping service that has gone', () => {
    const view = new OwnView();
    view.hearProbing(probing, false, 0);
    view.hearPingStatus({ state: 'offline', at: probing.at });
    expect(view.at(1)).toEqual({ probing: false, isolated: false });
  });
});
