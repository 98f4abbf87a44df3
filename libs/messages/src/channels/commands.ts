import { Channel } from '../channel.ts';
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
} from '../commands.ts';
import { AddService, RemoveService } from '../services.ts';

/** What commands have in common: nobody hears one later than it was given. */
const COMMAND = { writer: 'operators', scope: 'local', retained: false, qos: 1 } as const;

/** What operators give, and what becomes of it. */
export const commandChannels = {
  addDevices: new Channel({
    name: 'addDevices',
    path: 'command/devices/add',
    ...COMMAND,
    description: 'Adds devices to the inventory of all monitors, or changes those that were added so before.',
    payload: AddDevices,
  }),
  removeDevices: new Channel({
    name: 'removeDevices',
    path: 'command/devices/remove',
    ...COMMAND,
    description: 'Takes devices away that were added by command.',
    payload: RemoveDevices,
  }),
  probeDevices: new Channel({
    name: 'probeDevices',
    path: 'command/probe',
    ...COMMAND,
    description: 'Has devices probed now, by the monitors on this broker that watch them.',
    payload: ProbeDevices,
  }),
  drainMonitor: new Channel({
    name: 'drainMonitor',
    path: 'command/monitors/drain',
    ...COMMAND,
    description: 'Lets a monitor hand over all it watches, or take devices again.',
    payload: DrainMonitor,
  }),
  forgetMonitor: new Channel({
    name: 'forgetMonitor',
    path: 'command/monitors/forget',
    ...COMMAND,
    description: 'Purges all that a dead monitor left.',
    payload: ForgetMonitor,
  }),
  addSilence: new Channel({
    name: 'addSilence',
    path: 'command/silence/add',
    ...COMMAND,
    description: 'Keeps alerts from being told, at all brokers, until some time.',
    payload: AddSilence,
  }),
  removeSilences: new Channel({
    name: 'removeSilences',
    path: 'command/silence/remove',
    ...COMMAND,
    description: 'Takes silences away.',
    payload: RemoveSilences,
  }),
  acknowledgeAlert: new Channel({
    name: 'acknowledgeAlert',
    path: 'command/ack',
    ...COMMAND,
    description: 'Says who takes care of an alert, so that nobody is reminded of it.',
    payload: AcknowledgeAlert,
  }),
  addService: new Channel({
    name: 'addService',
    path: 'command/services/add',
    ...COMMAND,
    description: 'Makes a service of this host known, or changes one that was made known so before.',
    payload: AddService,
  }),
  removeService: new Channel({
    name: 'removeService',
    path: 'command/services/remove',
    ...COMMAND,
    description: 'Takes a service away that was added by command.',
    payload: RemoveService,
  }),
  queryHistory: new Channel({
    name: 'queryHistory',
    path: 'command/history/query',
    ...COMMAND,
    description: 'Asks storage what was seen or said of a device.',
    payload: QueryHistory,
  }),
  reply: new Channel({
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
