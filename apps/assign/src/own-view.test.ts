import { describe, expect, it } from 'vitest';
import { OwnView, PROBING_PATIENCE_ms } from './own-view.ts';

const probing = { at: '2026-01-01T00:00:00.000Z', isolated: true, anchors: [], last_probe_at: null, devices: 0 };
const presence = { state: 'online', at: probing.at } as const;
const NOTHING = { probing: false, isolated: false, probe_age_s: null };

describe('the view of this monitor itself', () => {
  it('believes a fresh word of its ping service until its time is over', () => {
    const view = new OwnView();
    view.hearProbing(probing, false, 1000);
    expect(view.at(1000 + PROBING_PATIENCE_ms - 1, 0)).toEqual({ probing: true, isolated: true, probe_age_s: null });
    expect(view.left_ms(1000)).toBe(PROBING_PATIENCE_ms);
    expect(view.at(1000 + PROBING_PATIENCE_ms, 0)).toEqual(NOTHING);
  });

  it('takes a stored word for no sign of life', () => {
    const view = new OwnView();
    view.hearProbing(probing, true, 0);
    expect(view.at(0, 0)).toEqual(NOTHING);
  });

  it('tells how old the newest probe is, also where the clock was set back', () => {
    const view = new OwnView();
    view.hearProbing({ ...probing, last_probe_at: probing.at }, false, 0);
    expect(view.at(0, Date.parse(probing.at) + 1500).probe_age_s).toBe(1.5);
    expect(view.at(0, 0).probe_age_s).toBe(0);
  });

  it('does not wait for a ping service whose presence is gone, but for another one', () => {
    const view = new OwnView();
    view.hearPresence('one', presence);
    view.hearProbing(probing, false, 0);
    view.hearPresence('one', undefined);
    expect(view.at(1, 0)).toEqual(NOTHING);
    view.hearPresence('two', presence);
    expect(view.at(1, 0).probing).toBe(true);
    view.hearPresence('one', undefined);
    expect(view.at(1, 0).probing).toBe(true);
  });
});
