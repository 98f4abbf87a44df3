import {
  Acknowledgement,
  Alert,
  ClaimBucket,
  PingObservation,
  Silence,
  SnmpObservation,
  Troubles,
  Verdict,
} from '@guaita/model';
import type { z } from 'zod';
import { Channel, type ChannelDefinition } from './channel.ts';
import {
  AcknowledgeAlert,
  AddDevices,
  AddSilence,
  DrainMonitor,
  ForgetMonitor,
  ProbeDevices,
  QueryHistory,
  RemoveDevices,
  RemoveSilences,
  Reply,
} from './commands.ts';
import { IntentBucket } from './intent-bucket.ts';
import { Receivers, Sent, Unsent } from './notifications.ts';
import {
  Assigned,
  DiskState,
  DeviceSpec,
  MonitorStatus,
  MonitorView,
  Presence,
  Probing,
  ServiceStatus,
  Wants,
} from './payloads.ts';

function channel<const Path extends string, Schema extends z.ZodType>(definition: ChannelDefinition<Path, Schema>) {
  return new Channel(definition);
}

/** What commands have in common: nobody hears one later than it was given. */
const COMMAND = { writer: 'operators', scope: 'local', retained: false, qos: 1 } as const;

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

/** Every topic of the wire contract, by name. */
export const channels = {
  status: channel({
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
  claims: channel({
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
  wants: channel({
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
  intents: channel({
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
  service: channel({
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
  ping: channel({
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
  snmp: channel({
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
  receivers: channel({
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
  sent: channel({
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
  unsent: channel({
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
  trouble: channel({
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
  disk: channel({
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
  assigned: channel({
    name: 'assigned',
    path: 'host/{monitor}/assigned/{device}',
    writer: 'assign',
    scope: 'host',
    retained: true,
    qos: 1,
    clearable: true,
    description: 'A device that this monitor watches, and which checks; empty once released.',
    payload: Assigned,
  }),
  presence: channel({
    name: 'presence',
    path: 'host/{monitor}/presence/{service}/{instance}',
    writer: 'every service',
    scope: 'host',
    retained: true,
    qos: 1,
    will: true,
    expiry: { after_s: 60 },
    clearable: true,
    description: 'Which instance of a service speaks on this broker; said again well before it expires.',
    payload: Presence,
  }),
  probing: channel({
    name: 'probing',
    path: 'host/{monitor}/probing',
    writer: 'ping',
    scope: 'host',
    retained: true,
    qos: 1,
    description: 'What the ping service knows of this host’s own way out.',
    payload: Probing,
  }),
  cluster: channel({
    name: 'cluster',
    path: 'cluster/{monitor}',
    writer: 'assign',
    scope: 'local',
    retained: true,
    qos: 1,
    clearable: true,
    description: 'What is known here of a monitor over any link.',
    payload: MonitorView,
  }),
  spec: channel({
    name: 'spec',
    path: 'device/{device}/spec',
    writer: 'assign',
    scope: 'local',
    retained: true,
    qos: 1,
    clearable: true,
    description: 'A device’s inventory entry and who watches it; empty once it is gone from the inventory.',
    payload: DeviceSpec,
  }),
  silence: channel({
    name: 'silence',
    path: 'silence/{silence}',
    writer: 'assign',
    scope: 'local',
    retained: true,
    qos: 1,
    clearable: true,
    description: 'Which alerts are silenced, by whom, why and until when; empty once that is over.',
    payload: Silence,
  }),
  acknowledgement: channel({
    name: 'acknowledgement',
    path: 'ack/{alert}',
    writer: 'assign',
    scope: 'local',
    retained: true,
    qos: 1,
    clearable: true,
    description: 'An alert of which somebody takes care; empty once the alert is long over.',
    payload: Acknowledgement,
  }),
  state: channel({
    name: 'state',
    path: 'device/{device}/state',
    writer: 'alert',
    scope: 'local',
    retained: true,
    qos: 1,
    clearable: true,
    description: 'What all monitors that watch a device together say of it; empty once it is gone from the inventory.',
    payload: Verdict,
  }),
  alert: channel({
    name: 'alert',
    path: 'alert/{severity}/{subject}',
    writer: 'alert',
    scope: 'local',
    retained: false,
    qos: 1,
    description: 'A new alert on a device or a monitor, or its end.',
    payload: Alert,
  }),
  openAlert: channel({
    name: 'openAlert',
    path: 'alert-open/{alert}',
    writer: 'alert',
    scope: 'local',
    retained: true,
    qos: 1,
    clearable: true,
    description: 'An alert that is open now, for whoever comes later; empty once it is over.',
    payload: Alert,
  }),
  addDevices: channel({
    name: 'addDevices',
    path: 'command/devices/add',
    ...COMMAND,
    description: 'Adds devices to the inventory of all monitors, or changes those that were added so before.',
    payload: AddDevices,
  }),
  removeDevices: channel({
    name: 'removeDevices',
    path: 'command/devices/remove',
    ...COMMAND,
    description: 'Takes devices away that were added by command.',
    payload: RemoveDevices,
  }),
  probeDevices: channel({
    name: 'probeDevices',
    path: 'command/probe',
    ...COMMAND,
    description: 'Has devices probed now, by the monitors on this broker that watch them.',
    payload: ProbeDevices,
  }),
  drainMonitor: channel({
    name: 'drainMonitor',
    path: 'command/monitors/drain',
    ...COMMAND,
    description: 'Lets a monitor hand over all it watches, or take devices again.',
    payload: DrainMonitor,
  }),
  forgetMonitor: channel({
    name: 'forgetMonitor',
    path: 'command/monitors/forget',
    ...COMMAND,
    description: 'Purges all that a dead monitor left.',
    payload: ForgetMonitor,
  }),
  addSilence: channel({
    name: 'addSilence',
    path: 'command/silence/add',
    ...COMMAND,
    description: 'Keeps alerts from being told, at all brokers, until some time.',
    payload: AddSilence,
  }),
  removeSilences: channel({
    name: 'removeSilences',
    path: 'command/silence/remove',
    ...COMMAND,
    description: 'Takes silences away.',
    payload: RemoveSilences,
  }),
  acknowledgeAlert: channel({
    name: 'acknowledgeAlert',
    path: 'command/ack',
    ...COMMAND,
    description: 'Says who takes care of an alert, so that nobody is reminded of it.',
    payload: AcknowledgeAlert,
  }),
  queryHistory: channel({
    name: 'queryHistory',
    path: 'command/history/query',
    ...COMMAND,
    description: 'Asks storage what was seen or said of a device.',
    payload: QueryHistory,
  }),
  reply: channel({
    name: 'reply',
    path: 'reply/{user}/{request}',
    writer: 'every service',
    scope: 'local',
    retained: false,
    qos: 1,
    description:
      'What becomes of a command: the only place to which a response topic may point. Correlation data come back as ' +
      'they were.',
    payload: Reply,
  }),
} as const;

/** The topic under which all others stand, unless configured otherwise. */
export const DEFAULT_BASE = 'guaita';
