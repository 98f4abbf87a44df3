import type { Device } from '@guaita/model';
import { expect, test } from 'vitest';
import type { DeviceView } from './effect.ts';
import { device, devices, Story } from './story.ts';

const COUNT = 1_800;

/** A monitor by itself; each turn gives what it tells of devices. */
function scene() {
  const story = new Story();
  const { member } = story.begin('one', { patience: [], capacity: COUNT });
  const turn = (at_ms: number): [string, DeviceView | undefined][] => {
    member.advance({ monotonic_ms: at_ms, wall_ms: story.now.wall_ms + at_ms });
    return member
      .effects()
      .flatMap((effect): [string, DeviceView | undefined][] =>
        effect.kind === 'device' ? [[effect.device, effect.view]] : [],
      );
  };
  return { member, turn, feed: (entries: readonly Device[]) => member.feed('one', entries, story.now) };
}

test('very many changes are told in turns of a bounded size, each device once, and all are told soon', () => {
  const { member, turn, feed } = scene();
  feed(devices(COUNT));
  const told = new Map<string, DeviceView | undefined>();
  let turns = 0;
  for (let at_ms = 0; at_ms <= 1_000; at_ms = Math.max(at_ms + 1, member.nextDeadline_ms)) {
    const views = turn(at_ms);
    if (views.length > 0) turns += 1;
    expect(views.length).toBeLessThanOrEqual(500);
    for (const [id, view] of views) {
      expect(told.has(id)).toBe(false);
      told.set(id, view);
    }
  }
  expect(turns).toBe(4);
  expect(told.size).toBe(COUNT);
  for (const view of told.values()) expect(view).toMatchObject({ planned: ['one'], held: ['one'] });
});

test('the inventory and the claims do not wait for what is told', () => {
  const { member, turn, feed } = scene();
  feed(devices(COUNT));
  turn(0);
  expect([...member.inventory]).toHaveLength(COUNT);
  expect(member.inventory.feeders(`device-${COUNT - 1}`)).toEqual(['one']);
  expect(member.monitors().get('one')).toMatchObject({ held: COUNT });
});

test('a device that changes again before its turn is told as it is then', () => {
  const { turn, feed } = scene();
  const entries = devices(COUNT);
  feed(entries);
  turn(0);
  const last = `device-${COUNT - 1}`;
  feed([...entries.slice(0, -1), device(last, { name: 'renamed' })]);
  const told = [50, 100, 200, 300, 400].flatMap((at_ms) => turn(at_ms)).filter(([id]) => id === last);
  expect(told).toEqual([[last, expect.objectContaining({ device: device(last, { name: 'renamed' }) })]]);
});
