import { ClaimBucket, PingObservation, SnmpObservation, Troubles } from '@guaita/model';
import { Channel } from '../channel.ts';
import { IntentBucket } from '../intent-bucket.ts';
import { Receivers, Sent, Unsent } from '../notifications.ts';
import { DiskState, MonitorStatus, ServiceStatus, Wants } from '../payloads.ts';
import { ServicesLeftOut } from '../services.ts';

/**
 * A stored message of intents is gone before a tombstone of what it holds is (31 days): else it could bring back, from a
 * broker where nobody took it away, what was deleted. Who lacks it then asks.
 */
const INTENTS_KEPT_s = 30 * 86_400;

/** While an alert is open, what was sent of it is said again well before that. */
const SENT_KEPT_s = 86_400;

/** For whoever looks after a long weekend. */
const UNSENT_KEPT_s = 7 * 86_400;

/** What a monitor that is gone has measured is of no use to anybody the next day. */
const TROUBLE_KEPT_s = 86_400;

/** What a monitor that is gone has said of its disk is of no use for longer; who lives says it again well before that. */
const DISK_KEPT_s = 86_400;

/** Who lives says it again every five minutes: after three of them nobody does. */
const LEFT_OUT_KEPT_s = 900;

/** What one monitor says to all: its broker pushes these to its peers’. */
export const monitorChannels = {
  status: new Channel({
    name: 'status',
    path: 'monitor/{monitor}/status',
    writer: 'assign',
    scope: 'bridged',
    retained: true,
    qos: 0,
    will: true,
    clearable: true,
    description: 'A monitor’s header with its next beat. Empty once the monitor is forgotten.',
    payload: MonitorStatus,
  }),
  claims: new Channel({
    name: 'claims',
    path: 'monitor/{monitor}/claims/{bucket}',
    writer: 'assign',
    scope: 'bridged',
    retained: true,
    qos: 1,
    clearable: true,
    description: 'One bucket of a monitor’s claims. Empty once the monitor is forgotten.',
    payload: ClaimBucket,
  }),
  wants: new Channel({
    name: 'wants',
    path: 'monitor/{monitor}/wants/{peer}',
    writer: 'assign',
    scope: 'bridged',
    retained: false,
    qos: 1,
    description:
      'A monitor’s copy of a peer’s claims or of the intents is incomplete: the peer says again what differs.',
    payload: Wants,
  }),
  intents: new Channel({
    name: 'intents',
    path: 'monitor/{monitor}/intents/{bucket}',
    writer: 'assign',
    scope: 'bridged',
    retained: true,
    qos: 1,
    clearable: true,
    expiry: { after_s: INTENTS_KEPT_s },
    description:
      'What a monitor knows operators to intend, in one bucket, `3f`; what is too long for one message goes on in ' +
      '`3f.1`, `3f.2`. Empty once the monitor says less, or another says all of it, or it is forgotten.',
    payload: IntentBucket,
  }),
  service: new Channel({
    name: 'service',
    path: 'monitor/{monitor}/service/{service}',
    writer: 'every service',
    scope: 'bridged',
    retained: true,
    qos: 1,
    will: true,
    description: 'Whether a service of a monitor runs.',
    payload: ServiceStatus,
  }),
  ping: new Channel({
    name: 'ping',
    path: 'monitor/{monitor}/ping/{device}',
    writer: 'ping',
    scope: 'bridged',
    retained: true,
    qos: 1,
    expiry: { intervals: 3 },
    clearable: true,
    measurement: true,
    description: 'What one monitor saw in its newest ping probe of a device. Empty once it no longer watches it.',
    payload: PingObservation,
  }),
  snmp: new Channel({
    name: 'snmp',
    path: 'monitor/{monitor}/snmp/{device}',
    writer: 'snmp',
    scope: 'bridged',
    retained: true,
    qos: 1,
    expiry: { intervals: 3 },
    clearable: true,
    measurement: true,
    description: 'What one monitor saw in its newest SNMP poll of a device. Empty once it no longer watches it.',
    payload: SnmpObservation,
  }),
  receivers: new Channel({
    name: 'receivers',
    path: 'monitor/{monitor}/receivers',
    writer: 'alert',
    scope: 'bridged',
    retained: true,
    qos: 1,
    clearable: true,
    description:
      'Which receivers outside a monitor has: for the others nobody waits for it to tell them. Empty once it is forgotten.',
    payload: Receivers,
  }),
  sent: new Channel({
    name: 'sent',
    path: 'monitor/{monitor}/sent/{alert}',
    writer: 'alert',
    scope: 'bridged',
    retained: true,
    qos: 1,
    expiry: { after_s: SENT_KEPT_s },
    clearable: true,
    description: 'What the outside has been told of an alert, as far as this monitor knows: nobody tells it again.',
    payload: Sent,
  }),
  unsent: new Channel({
    name: 'unsent',
    path: 'monitor/{monitor}/unsent/{alert}',
    writer: 'alert',
    scope: 'bridged',
    retained: true,
    qos: 1,
    expiry: { after_s: UNSENT_KEPT_s },
    clearable: true,
    description:
      'What this monitor could not tell the outside of an alert, and gave up; empty once a later notification arrived.',
    payload: Unsent,
  }),
  trouble: new Channel({
    name: 'trouble',
    path: 'monitor/{monitor}/trouble/{device}',
    writer: 'alert',
    scope: 'bridged',
    retained: true,
    qos: 1,
    expiry: { after_s: TROUBLE_KEPT_s },
    clearable: true,
    description: 'What one monitor has measured amiss with a device that answers; empty when nothing is.',
    payload: Troubles,
  }),
  disk: new Channel({
    name: 'disk',
    path: 'monitor/{monitor}/disk',
    writer: 'storage',
    scope: 'bridged',
    retained: true,
    qos: 1,
    expiry: { after_s: DISK_KEPT_s },
    clearable: true,
    description: 'How the disk stands on which a monitor keeps history; said when that changes.',
    payload: DiskState,
  }),
  leftOut: new Channel({
    name: 'leftOut',
    path: 'monitor/{monitor}/services-left-out',
    writer: 'serf-publisher',
    scope: 'bridged',
    retained: true,
    qos: 1,
    expiry: { after_s: LEFT_OUT_KEPT_s },
    clearable: true,
    description:
      'Which services a monitor cannot tell of by the tag of its Serf agent, for want of room; said from when some are, ' +
      'and again every five minutes.',
    payload: ServicesLeftOut,
  }),
} as const;
