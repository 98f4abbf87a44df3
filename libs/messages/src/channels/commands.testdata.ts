import fc from 'fast-check';
import {
  address,
  count,
  device,
  digest,
  id,
  moment,
  operator,
  ordinal,
  port,
  protocol,
  scope,
  serviceType,
  txt,
  type Samples,
} from '../samples.testdata.ts';
import type { commandChannels } from './commands.ts';

const some = { minLength: 1, maxLength: 20 };
const ids = fc.array(id, some);
const rows = fc.integer({ min: 1, max: 5_000 });
const cell = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);

export const commandSamples: Samples<typeof commandChannels> = {
  addDevices: fc.record({ devices: fc.array(device, some) }),
  removeDevices: fc.record({ devices: ids }),
  probeDevices: fc.record({ devices: ids }),
  drainMonitor: fc.record({ monitor: id, drain: fc.boolean() }),
  forgetMonitor: fc.record({ monitor: id, with_devices: fc.boolean() }),
  addSilence: fc.record(
    { silence: id, ...scope, by: operator, why: operator, until: moment, for_s: ordinal },
    { requiredKeys: ['devices', 'monitors', 'tags', 'sites', 'kinds', 'severities', 'by', 'why'] },
  ),
  removeSilences: fc.record({ silences: ids }),
  acknowledgeAlert: fc.record({ alert: digest, by: operator, why: operator, acknowledge: fc.boolean() }),
  addService: fc.record(
    { type: serviceType, name: id, address, port, protocol, description: operator, txt },
    { requiredKeys: ['type', 'name', 'port', 'protocol', 'description', 'txt'] },
  ),
  removeService: fc.record({ type: serviceType, name: id }),
  queryHistory: fc.record(
    {
      device: id,
      kind: fc.constantFrom('ping', 'snmp', 'interface', 'sensor', 'verdict', 'alert'),
      ...{ from: moment, to: moment, part: operator, monitor: id, points: rows, limit: rows },
    },
    { requiredKeys: ['device', 'kind', 'points', 'limit'] },
  ),
  reply: fc.oneof(
    fc.record(
      {
        ...{ ok: fc.constant(true as const), monitor: id, devices_gone: count, silence: id },
        resolution: fc.constantFrom('raw', '5m', '1h', '1d'),
        rows: fc.array(fc.dictionary(fc.stringMatching(/^[a-z][a-z_]{0,20}$/), cell)),
        remarks: fc.array(fc.string({ minLength: 1 })),
      },
      { requiredKeys: ['ok', 'monitor'] },
    ),
    fc.record({ ok: fc.constant(false as const), monitor: id, problem: fc.string({ minLength: 1 }) }),
  ),
};
