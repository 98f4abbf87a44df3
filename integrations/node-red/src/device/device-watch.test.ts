import { describe, expect, it } from 'vitest';
import { DeviceWatch } from './device-watch.ts';

const ALL = { devices: [], tags: [] };
const SPEC = {
  device: 'gateway',
  name: 'Gateway',
  addresses: ['192.0.2.1'],
  parents: [],
  tags: ['backbone'],
  monitors: [],
};
const UP = { state: 'up', since: 'then', reason: 'it answers', seen_by: [] };
const DOWN = { ...UP, state: 'down', reason: 'no reply' };

describe('a device', () => {
  it('counts once both its entry and its state are known, in either order', () => {
    for (const order of ['spec', 'state'] as const) {
      const watch = new DeviceWatch(ALL);
      const first = order === 'spec' ? watch.spec('gateway', SPEC) : watch.state('gateway', UP);
      expect(first).toBeUndefined();
      expect(watch.all()).toEqual([]);
      const second = order === 'spec' ? watch.state('gateway', UP) : watch.spec('gateway', SPEC);
      expect(second).toEqual({
        ...{ device: 'gateway', name: 'Gateway', addresses: ['192.0.2.1'], parents: [], tags: ['backbone'] },
        ...UP,
      });
    }
  });

  it('changes when its state does, and not when anything else does', () => {
    const watch = new DeviceWatch(ALL);
    watch.spec('gateway', SPEC);
    watch.state('gateway', UP);
    expect(watch.state('gateway', { ...UP, reason: 'it answers well' })).toBeUndefined();
    expect(watch.spec('gateway', { ...SPEC, name: 'Router' })).toBeUndefined();
    expect(watch.state('gateway', DOWN)).toMatchObject({ name: 'Router', state: 'down', previous: 'up' });
    expect(watch.get('gateway')).toMatchObject({ state: 'down', reason: 'no reply' });
  });

  it.each(['spec first', 'state first'])('is removed once, %s', (order) => {
    const watch = new DeviceWatch(ALL);
    watch.spec('gateway', SPEC);
    watch.state('gateway', DOWN);
    const [first, second] =
      order === 'spec first'
        ? [watch.spec('gateway', undefined), watch.state('gateway', undefined)]
        : [watch.state('gateway', undefined), watch.spec('gateway', undefined)];
    expect(first).toMatchObject({ device: 'gateway', name: 'Gateway', state: 'removed', previous: 'down' });
    expect(second).toBeUndefined();
    expect(watch.get('gateway')).toBeUndefined();
    expect(watch.spec('gateway', SPEC)).toBeUndefined();
    expect(watch.state('gateway', UP)).not.toHaveProperty('previous');
  });

  it('that is not chosen is passed over', () => {
    const named = new DeviceWatch({ devices: ['attic-ap'], tags: [] });
    named.spec('gateway', SPEC);
    expect(named.state('gateway', UP)).toBeUndefined();
    expect(named.all()).toEqual([]);
    const tagged = new DeviceWatch({ devices: [], tags: ['wifi', 'attic'] });
    tagged.spec('gateway', SPEC);
    tagged.state('gateway', UP);
    expect(tagged.get('gateway')).toBeUndefined();
    expect(tagged.spec('gateway', { ...SPEC, tags: ['attic'] })).toMatchObject({ state: 'up' });
    expect(tagged.spec('gateway', SPEC)).toMatchObject({ state: 'removed', previous: 'up' });
  });

  it('with fields of odd types is taken for what can be read of it', () => {
    const watch = new DeviceWatch(ALL);
    watch.spec('gateway', { name: 7, tags: 'wifi' });
    expect(watch.state('gateway', { state: 7 })).toBeUndefined();
    expect(watch.state('gateway', { state: 'a-state-of-tomorrow' })).toMatchObject({
      ...{ device: 'gateway', name: 'gateway', tags: [], state: 'a-state-of-tomorrow' },
    });
  });
});

it('all devices are told by name', () => {
  const watch = new DeviceWatch(ALL);
  for (const [device, name] of [
    ['a', 'Zoo'],
    ['b', 'attic'],
    ['c', 'Élan'],
  ] as const) {
    watch.spec(device, { ...SPEC, name });
    watch.state(device, UP);
  }
  expect(watch.all().map(({ name }) => name)).toEqual(['attic', 'Élan', 'Zoo']);
});

it('what was taken away while the connection was gone is removed when it is looked for', () => {
  const watch = new DeviceWatch(ALL);
  for (const device of ['gateway', 'attic-ap']) {
    watch.spec(device, SPEC);
    watch.state(device, UP);
  }
  watch.state('only-a-state', UP);
  watch.reconnected();
  watch.state('gateway', UP);
  expect(watch.sweep()).toMatchObject([{ device: 'attic-ap', state: 'removed', previous: 'up' }]);
  expect(watch.all()).toMatchObject([{ device: 'gateway' }]);
  expect(watch.sweep()).toEqual([]);
});
