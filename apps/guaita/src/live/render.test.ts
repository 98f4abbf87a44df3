import { describe, expect, it } from 'vitest';
import type { LiveEvent } from './events.ts';
import { renderEvent } from './render.ts';

const at = new Date(2026, 0, 1, 21, 45, 3).toISOString();
const device: LiveEvent = {
  event: 'device',
  at,
  monitor: 'pi-1',
  device: 'gateway',
  check: 'ping',
  state: 'up',
  previous: null,
  address: '10.0.0.1',
  detail: '0.31 ms, 0 % loss',
};

function render(event: LiveEvent, self = 'pi-1'): string {
  return renderEvent(event, { colour: false, self });
}

describe('a line of the live view', () => {
  it('says when, what, where and how', () => {
    expect(render(device)).toBe('21:45:03  up       gateway                  10.0.0.1               0.31 ms, 0 % loss');
  });

  it('says who saw it when that is another monitor', () => {
    expect(render(device, 'pi-2')).toMatch(/\(seen by pi-1\)$/);
  });

  it('sums up how things stand', () => {
    const summary: LiveEvent = {
      event: 'summary',
      at,
      monitors: 1,
      devices: { up: 2, down: 1, unknown: 0 },
      observations: 6,
      rtt_median_ms: 12.34,
    };
    expect(render(summary)).toBe(
      '21:45:03  summary  3 devices · 2 up · 1 down · 0 unknown · 1 monitor · 6 observations · median round trip 12.3 ms',
    );
  });

  it('tells of services, interfaces and isolation', () => {
    expect(render({ event: 'service', at, monitor: 'pi-1', service: 'ping', state: 'online' })).toBe(
      '21:45:03  online   service ping of pi-1',
    );
    expect(
      render({
        event: 'interface',
        at,
        monitor: 'pi-1',
        device: 'sw',
        interface: 'eth0',
        state: 'down',
        previous: 'up',
      }),
    ).toBe('21:45:03  down     sw                       interface eth0, was up');
    expect(render({ event: 'monitor', at, monitor: 'pi-1', isolated: true })).toContain('reaches none of its anchors');
  });

  it('lets no device speak to the terminal in control characters', () => {
    const evil = '\u001b[2J\u0007\n\u202eevil';
    const line = renderEvent({ ...device, address: evil, detail: evil }, { colour: true });
    expect(line.split('?[2J???evil')).toHaveLength(3);
    for (const character of ['\u0007', '\n', '\u202e']) expect(line).not.toContain(character);
  });

  it('tells of alerts and their ends, without what could take over a terminal', () => {
    const alert: LiveEvent = {
      ...{ event: 'alert', id: '0123456789abcdef', kind: 'down', severity: 'critical', subject: 'ap', name: 'ap' },
      ...{ tags: [], episode: 1, since: at, at, text: 'ap\u001b is down.', seen_by: [], resolves: false },
    };
    expect(render(alert)).toBe('21:45:03  critical down             ap? is down.');
    expect(render({ ...alert, resolves: true, text: 'ap is up again.' })).toBe(
      '21:45:03  resolved down             ap is up again.',
    );
  });
});
