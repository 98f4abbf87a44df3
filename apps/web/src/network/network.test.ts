import { beforeEach, describe, expect, it } from 'vitest';
import { CHANGES_KEPT, MOST } from './bounds.ts';
import { isListed, Network, stateOf } from './network.ts';
import { SAMPLES_KEPT } from './samples.ts';
import { Said } from './said.testdata.ts';

let network: Network;
let broker: Said;

beforeEach(() => {
  network = new Network();
  network.connected();
  broker = new Said(network);
});

describe('devices', () => {
  it('are counted by what is said of them, each once, until they are taken back', () => {
    broker.spec('ap');
    expect(network.counts).toMatchObject({ unknown: 1, up: 0 });
    broker.state('ap', 'up');
    broker.state('sw', 'down');
    expect(network.counts).toMatchObject({ unknown: 0, up: 1, down: 1 });
    broker.state('ap', 'disputed');
    expect(network.counts).toMatchObject({ up: 0, disputed: 1, down: 1 });
    broker.gone('ap');
    broker.gone('sw');
    expect(Object.values(network.counts)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(network.devices.size).toBe(0);
  });

  it('that are only measured are none of the inventory', () => {
    broker.ping('ap', 'pi-1', 2);
    expect([...network.devices.values()].filter(isListed)).toEqual([]);
    broker.spec('ap');
    expect([...network.devices.values()].filter(isListed)).toHaveLength(1);
  });

  it('keep a bounded number of probes of each monitor, each once', () => {
    broker.spec('ap');
    for (let second = 0; second < 200; second += 1) {
      const at = new Date(broker.now_ms + second * 1000).toISOString();
      broker.ping('ap', 'pi-1', second, at);
      broker.ping('ap', 'pi-1', second, at);
    }
    const samples = network.devices.get('ap')!.seen.get('pi-1')!.samples;
    expect([...samples].map(({ rtt_ms }) => rtt_ms)).toEqual(
      Array.from({ length: SAMPLES_KEPT }, (_, index) => 200 - SAMPLES_KEPT + index),
    );
  });

  it('show the newest figures, and none where no reply came', () => {
    broker.spec('ap');
    broker.ping('ap', 'pi-1', 2.5);
    broker.ping('ap', 'pi-1', null, '2026-11-23T10:01:00.000Z');
    const seen = network.devices.get('ap')!.seen.get('pi-1')!;
    expect(seen).toMatchObject({ rtt_ms: undefined, loss_percent: 100 });
    expect([...seen.samples].map(({ rtt_ms }) => rtt_ms)).toEqual([2.5, NaN]);
  });
});

describe('what happened', () => {
  it('is told of changes, not of what stood before the page was opened', () => {
    broker.spec('ap');
    broker.state('ap', 'up');
    expect(network.changes).toEqual([]);
    broker.state('ap', 'down', { reason: 'no reply' });
    expect(network.changes[0]).toMatchObject({
      what: 'state',
      device: 'ap',
      from: 'up',
      to: 'down',
      reason: 'no reply',
    });
    broker.state('ap', 'down', { reason: 'no reply at all' });
    expect(network.changes).toHaveLength(1);
  });

  it('tells who handed a device over to whom', () => {
    broker.spec('ap', { monitors: ['pi-1', 'pi-2'] });
    broker.spec('ap', { monitors: ['pi-2', 'pi-3'] });
    expect(network.changes[0]).toMatchObject({ what: 'handover', gained: ['pi-3'], lost: ['pi-1'] });
    expect(network.handovers.get('pi-3')).toEqual({ gained: 1, lost: 0 });
    expect(network.handovers.get('pi-1')).toEqual({ gained: 0, lost: 1 });
  });

  it('tells of monitors that are lost and come back', () => {
    broker.monitor('pi-1');
    broker.monitor('pi-1', { alive: false });
    broker.monitor('pi-1');
    expect(network.changes.map((change) => change.what === 'monitor' && change.text)).toEqual(['is back', 'is lost']);
  });

  it('is bounded', () => {
    broker.spec('ap');
    for (let change = 0; change < 2 * CHANGES_KEPT + 1; change += 1)
      broker.state('ap', change % 2 === 0 ? 'up' : 'down');
    expect(network.changes).toHaveLength(CHANGES_KEPT);
  });
});

describe('after a connection that was lost', () => {
  beforeEach(() => {
    for (const device of ['ap', 'sw']) {
      broker.spec(device);
      broker.state(device, 'up');
    }
    broker.alert('00000000000000a1');
    broker.monitor('pi-1');
    network.connected();
  });

  it('all stays as it was known until the broker has spoken', () => {
    expect(network.settled()).toBeUndefined();
    expect(network.devices.size).toBe(2);
    expect(network.alerts.size).toBe(1);
  });

  it('what the broker does not say again is gone', () => {
    broker.spec('ap');
    broker.state('ap', 'down');
    expect(network.settled()).toBe('now');
    expect([...network.devices.keys()]).toEqual(['ap']);
    expect(network.counts).toMatchObject({ up: 0, down: 1 });
    expect(network.alerts.size).toBe(0);
    expect(network.monitors.size).toBe(1);
  });

  it('a change in between is told as one', () => {
    broker.state('ap', 'down');
    expect(network.changes[0]).toMatchObject({ device: 'ap', from: 'up', to: 'down' });
  });
});

describe('what is not as the contract says', () => {
  it.each([
    ['no JSON', 'device/ap/state', '{'],
    ['a list', 'device/ap/spec', '[]'],
    ['a state that nobody knows', 'device/ap/state', '{"state":"fine","since":"2026-11-23T10:00:00Z"}'],
    ['a verdict without a time', 'device/ap/state', '{"state":"up","since":"yesterday"}'],
    ['a probe without a time', 'monitor/pi-1/ping/ap', '{"rtt_avg_ms":1}'],
    ['an alert without a subject', 'alert-open/00000000000000a1', '{"severity":"critical"}'],
  ])('%s is passed over and counted', (_, topic, payload) => {
    network.take(topic, payload, broker.now_ms);
    expect(network.passedOver.unreadable).toBe(1);
    expect(network.counts.up + network.alerts.size).toBe(0);
  });

  it('a field of another kind is as if it were missing', () => {
    broker.spec('ap', { name: 7, addresses: 'all', tags: [1, 'wifi'], monitors: null });
    broker.state('ap', 'up', { seen_by: [3, { monitor: 'pi-1', sees: 'ghosts' }] });
    const row = network.devices.get('ap')!;
    expect(row.spec).toMatchObject({ name: 'ap', addresses: [], tags: ['wifi'], monitors: [] });
    expect(row.verdict?.votes).toEqual([expect.objectContaining({ monitor: 'pi-1', sees: 'unprobed' })]);
  });

  it('topics that the page does not listen to change nothing', () => {
    expect(network.take('host/pi-1/assigned/ap', '{}', 0)).toBeUndefined();
    expect(network.take('device/ap', '{}', 0)).toBeUndefined();
  });

  it('names that every object inherits are names like others', () => {
    broker.spec('constructor');
    broker.state('constructor', 'down');
    expect(stateOf(network.devices.get('constructor')!)).toBe('down');
  });

  it('a broker gone mad finds an end', () => {
    for (let alert = 0; alert < MOST.alerts + 10; alert += 1) broker.alert(alert.toString(16).padStart(16, '0'));
    expect(network.alerts.size).toBe(MOST.alerts);
    expect(network.passedOver.tooMany).toBe(10);
    broker.spec('ap');
    for (let monitor = 0; monitor < 100; monitor += 1) broker.ping('ap', `pi-${monitor}`, 1);
    expect(network.devices.get('ap')!.seen.size).toBe(MOST.monitorsOfDevice);
  });
});

describe('what serf-publisher tells', () => {
  const service = { type: 'http', name: 'wiki', address: '10.0.0.2', port: 8080, protocol: 'udp', node: 'pi-1' };
  const member = { name: 'Pi 1', address: 'fd00::1', port: 7946, status: 'failed', since: '2026-11-23T09:00:00.000Z' };

  it('is read as the contract has it, and is gone when it is taken back', () => {
    broker.say('guaita/service/http/wiki', { ...service, description: 'W', source: 'swarm', txt: { a: 'b' } });
    expect(network.found.get('http/wiki')).toMatchObject({
      ...{ type: 'http', name: 'wiki', address: '10.0.0.2', port: 8080, isUdp: true, node: 'pi-1', source: 'swarm' },
      ...{ description: 'W', attributes: [['a', 'b']] },
    });
    broker.say('guaita/serf/member/pi-1', { ...member, tags: { role: 'x' } });
    expect(network.members.get('pi-1')).toMatchObject({
      ...{ name: 'Pi 1', status: 'failed', since_ms: Date.parse(member.since), tags: [['role', 'x']] },
    });
    broker.say('guaita/service/http/wiki');
    broker.say('guaita/serf/member/pi-1');
    expect([network.found.size, network.members.size]).toEqual([0, 0]);
  });

  it('is passed over where it lacks what it is about, and cut where it is too long', () => {
    broker.say('guaita/service/http/wiki', { ...service, port: 'x' });
    broker.say('guaita/serf/member/pi-1', { ...member, status: 'well' });
    expect(network.passedOver.unreadable).toBe(2);
    const txt = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`${at}`.padStart(300, 'k'), 'v'.repeat(300)]),
    );
    broker.say('guaita/service/http/wiki', { ...service, txt: { odd: 7, ...txt } });
    const attributes = network.found.get('http/wiki')!.attributes;
    expect(attributes).toHaveLength(19);
    expect(attributes.flat().every((words) => words.length === 200)).toBe(true);
  });
});
