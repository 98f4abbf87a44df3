import type { Alert, InterfaceObservation, PingObservation, SnmpObservation } from '@guaita/model';
import { describe, expect, it } from 'vitest';
import { Narrator } from './narrator.ts';

const at = '2026-01-01T00:00:00.000Z';

function pinged(change: Partial<PingObservation> = {}): PingObservation {
  const rtts = { rtt_min_ms: 1, rtt_avg_ms: 2, rtt_max_ms: 3, jitter_ms: 1 };
  return { at, address: '10.0.0.1', sent: 3, received: 3, loss_percent: 0, ...rtts, state: 'up', ...change };
}

const silent = {
  received: 0,
  loss_percent: 100,
  rtt_min_ms: null,
  rtt_avg_ms: null,
  rtt_max_ms: null,
  jitter_ms: null,
} as const;

function polled(oper: Record<string, InterfaceObservation['oper']>): SnmpObservation {
  const empty = { alias: null, type: null, admin: null, speed_bps: null, in_bps: null, out_bps: null, in_octets: null };
  const interfaces = Object.fromEntries(
    Object.entries(oper).map(([name, state], index) => [name, { index: index + 1, ...empty, oper: state }]),
  ) as unknown as SnmpObservation['interfaces'];
  return { at, address: '10.0.0.1', state: 'up', uptime_s: 1, name: 'sw', description: null, interfaces };
}

describe('the narrator', () => {
  it('tells the first state of a device and then only changes', () => {
    const narrator = new Narrator();
    expect(narrator.ping('pi-1', 'ap', pinged(), false)).toEqual([
      {
        event: 'device',
        at,
        monitor: 'pi-1',
        device: 'ap',
        check: 'ping',
        state: 'up',
        previous: null,
        address: '10.0.0.1',
        detail: '2.00 ms, 0 % loss',
      },
    ]);
    expect(narrator.ping('pi-1', 'ap', pinged({ rtt_avg_ms: 9 }), false)).toEqual([]);
    expect(narrator.ping('pi-1', 'ap', pinged({ ...silent, state: 'down' }), false)).toMatchObject([
      { state: 'down', previous: 'up', detail: 'no reply to 3 requests' },
    ]);
  });

  it('tells interfaces that change, not those it sees for the first time', () => {
    const narrator = new Narrator();
    narrator.snmp('pi-1', 'sw', polled({ eth0: 'up', eth1: 'down' }), false);
    expect(narrator.snmp('pi-1', 'sw', polled({ eth0: 'down', eth1: 'down', eth2: 'up' }), false)).toEqual([
      { event: 'interface', at, monitor: 'pi-1', device: 'sw', interface: 'eth0', state: 'down', previous: 'up' },
    ]);
  });

  it('counts a device once, by the best that any monitor sees of it', () => {
    const narrator = new Narrator();
    narrator.ping('pi-1', 'ap', pinged({ ...silent, state: 'down' }), false);
    narrator.ping('pi-2', 'ap', pinged({ rtt_avg_ms: 4 }), false);
    narrator.ping('pi-1', 'cam', pinged({ ...silent, state: 'unknown' }), false);
    narrator.snmp('pi-1', 'cam', polled({}), false);
    narrator.snmp('pi-1', 'sw', polled({}), false);
    expect(narrator.summary(at)).toEqual({
      event: 'summary',
      at,
      monitors: 0,
      devices: { up: 2, down: 0, unknown: 1 },
      observations: 5,
      rtt_median_ms: 4,
    });
    expect(narrator.summary(at)).toMatchObject({ observations: 0, rtt_median_ms: null, devices: { up: 2 } });
  });

  it('no longer knows what a monitor saw whose ping service has gone', () => {
    const narrator = new Narrator();
    narrator.service('pi-1', 'ping', { state: 'online', at });
    narrator.ping('pi-1', 'ap', pinged(), false);
    expect(narrator.summary(at)).toMatchObject({ monitors: 1, devices: { up: 1 } });
    expect(narrator.service('pi-1', 'ping', { state: 'offline', at })).toMatchObject([{ state: 'offline' }]);
    expect(narrator.summary(at)).toMatchObject({ monitors: 0, devices: { up: 0 } });
  });

  it('does not tell of services that were gone before it came, nor the same word twice', () => {
    const narrator = new Narrator();
    expect(narrator.service('old', 'ping', { state: 'offline', at })).toEqual([]);
    expect(narrator.service('pi-1', 'ping', { state: 'online', at })).toHaveLength(1);
    expect(narrator.service('pi-1', 'ping', { state: 'online', at })).toEqual([]);
  });

  it('does not take what a service that is gone saw last for what is true now', () => {
    const narrator = new Narrator();
    narrator.service('pi-1', 'ping', { state: 'offline', at });
    expect(narrator.ping('pi-1', 'ap', pinged(), true)).toEqual([]);
    expect(narrator.summary(at)).toMatchObject({ devices: { up: 0 }, observations: 0 });
    // A new word is from a service that is about to say that it is online.
    expect(narrator.ping('pi-1', 'ap', pinged(), false)).toMatchObject([{ state: 'up', previous: null }]);
    narrator.service('pi-1', 'ping', { state: 'online', at });
    expect(narrator.summary(at)).toMatchObject({ devices: { up: 1 }, observations: 1 });
  });

  it('counts no observation that was stored before it came, nor its round trip', () => {
    const narrator = new Narrator();
    expect(narrator.ping('pi-1', 'ap', pinged(), true)).toMatchObject([{ state: 'up' }]);
    narrator.snmp('pi-1', 'sw', polled({}), true);
    expect(narrator.summary(at)).toMatchObject({ devices: { up: 2 }, observations: 0, rtt_median_ms: null });
  });

  it('forgets what is not heard again after the connection broke', () => {
    const narrator = new Narrator();
    narrator.service('pi-1', 'ping', { state: 'online', at });
    narrator.service('pi-2', 'ping', { state: 'online', at });
    for (const device of ['ap', 'cam']) narrator.ping('pi-1', device, pinged(), false);
    narrator.snmp('pi-1', 'sw', polled({}), false);
    narrator.disconnected();
    narrator.service('pi-1', 'ping', { state: 'online', at });
    expect(narrator.ping('pi-1', 'ap', pinged(), true)).toEqual([]);
    narrator.forgetUnheard();
    expect(narrator.summary(at)).toMatchObject({ devices: { up: 1, down: 0, unknown: 0 }, monitors: 1 });
  });

  it('forgets a device that is no longer watched', () => {
    const narrator = new Narrator();
    narrator.ping('pi-1', 'ap', pinged(), false);
    expect(narrator.ping('pi-1', 'ap', undefined, false)).toEqual([]);
    expect(narrator.summary(at).devices).toEqual({ up: 0, down: 0, unknown: 0 });
  });

  it('tells when a monitor loses its way out and finds it again', () => {
    const narrator = new Narrator();
    const view = { site: 'home', alive: true, isolated: false, probing: true, devices: 1, at };
    expect(narrator.monitor('pi-1', view)).toEqual([]);
    expect(narrator.monitor('pi-1', { ...view, isolated: true })).toMatchObject([{ isolated: true }]);
    expect(narrator.monitor('pi-1', view)).toMatchObject([{ isolated: false }]);
  });

  it('tells an alert once, whether it is kept or said first, and its end', () => {
    const narrator = new Narrator();
    const alert: Alert = {
      ...{ id: '0123456789abcdef', kind: 'down', severity: 'critical', subject: 'ap', name: 'Roof AP', tags: [] },
      ...{ episode: 1, since: at, at, text: 'Roof AP is down.', seen_by: [], resolves: false },
    };
    expect(narrator.openAlert(alert.id, alert)).toEqual([{ event: 'alert', ...alert }]);
    expect(narrator.alert(alert)).toEqual([]);
    const over = { ...alert, resolves: true };
    expect(narrator.alert(over)).toEqual([{ event: 'alert', ...over }]);
    expect(narrator.openAlert(alert.id, undefined)).toEqual([]);
    expect(narrator.alert(alert)).toEqual([{ event: 'alert', ...alert }]);
  });
});
