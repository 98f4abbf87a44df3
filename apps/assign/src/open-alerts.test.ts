import { MemoryBroker, MemoryBus, Wire } from '@guaita/bus';
import type { Change } from '@guaita/cluster';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import type { Alert } from '@guaita/model';
import { ManualClock, type MonitorContext } from '@guaita/service';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OpenAlerts } from './open-alerts.ts';

const ALERT = '0123456789abcdef';
const AT = '2026-03-01T12:00:00.000Z';
const OPEN: Alert = {
  ...({ id: ALERT, kind: 'down', severity: 'critical', subject: 'router', name: 'Router', episode: 1 } as const),
  ...{ tags: [], since: AT, at: AT, text: 'Router is down', seen_by: [], resolves: false },
};

let broker: MemoryBroker;
let bus: MemoryBus;
let clock: ManualClock;
let withdrawn: Change[];
let openAlerts: OpenAlerts;
let speaks: boolean;

beforeEach(async () => {
  broker = new MemoryBroker();
  bus = new MemoryBus(broker);
  await bus.start();
  clock = new ManualClock();
  withdrawn = [];
  speaks = true;
  const wire = new Wire(bus, () => undefined);
  const turn = {
    get speaks() {
      return speaks;
    },
    onChange: () => () => undefined,
  };
  openAlerts = new OpenAlerts({
    context: { wire, clock, turn } as unknown as MonitorContext,
    isAcknowledged: (alert) => alert === ALERT,
    intend: (change) => withdrawn.push(change),
  });
  await openAlerts.start();
});

afterEach(async () => {
  await openAlerts.stop();
  await bus.stop();
});

/** What the alert service keeps of the alert. */
async function keep(isOpen: boolean): Promise<void> {
  const payload = isOpen ? channels.openAlert.encode(OPEN) : '';
  broker.publish({ topic: `guaita/alert-open/${ALERT}`, payload, qos: 1, retain: true });
  await eventually(() => expect(openAlerts.isOpen(ALERT)).toBe(isOpen));
}

const HOUR_ms = 3_600_000;

test('an acknowledgement is withdrawn an hour after its alert is over, and once', async () => {
  await keep(true);
  await clock.advance(3 * HOUR_ms);
  await keep(false);
  await clock.advance(HOUR_ms - 120_000);
  expect(withdrawn).toEqual([]);
  await clock.advance(240_000);
  expect(withdrawn).toEqual([{ kind: 'acknowledgement', subject: ALERT, wanted: false }]);
  await clock.advance(3 * HOUR_ms);
  expect(withdrawn).toHaveLength(1);
});

test('an acknowledgement stays while its alert comes back within the hour', async () => {
  await keep(true);
  await keep(false);
  await clock.advance(HOUR_ms / 2);
  await keep(true);
  await clock.advance(HOUR_ms);
  expect(withdrawn).toEqual([]);
});

test('an acknowledgement of an alert that was never open here stays, and so does one where another speaks', async () => {
  await clock.advance(2 * HOUR_ms);
  speaks = false;
  await keep(true);
  await keep(false);
  await clock.advance(2 * HOUR_ms);
  expect(withdrawn).toEqual([]);
});
