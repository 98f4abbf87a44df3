import fc from 'fast-check';
import {
  acknowledgement,
  alert,
  claim,
  count,
  DEVICE_REQUIRED,
  deviceFields,
  episode,
  foundService,
  id,
  incarnation,
  moment,
  ordinal,
  silence,
  txt,
  vote,
  type Samples,
} from '../samples.testdata.ts';
import type { audienceChannels } from './audience.ts';

const ids = fc.array(id);

export const audienceSamples: Samples<typeof audienceChannels> = {
  cluster: fc.record(
    {
      ...{ site: id, alive: fc.boolean(), isolated: fc.boolean(), probing: fc.boolean(), devices: count, at: moment },
      ...{ tags: ids, incarnation, session: count, isolations: count, monitors_per_device: ordinal },
      ...{ draining: fc.boolean(), capacity: count, held: count, leaving: count, complete: fc.boolean() },
      ...{ links: ids, troubles: fc.array(fc.string()) },
    },
    { requiredKeys: ['site', 'alive', 'isolated', 'probing', 'devices', 'at'] },
  ),
  spec: fc.record(
    {
      ...{ ...deviceFields, source: fc.string(), monitors: ids, planned: ids, leaving: ids, feeders: ids },
      claims: fc.array(fc.tuple(claim, id).map(([each, monitor]) => ({ ...each, monitor }))),
    },
    { requiredKeys: [...DEVICE_REQUIRED, 'source', 'monitors'] },
  ),
  silence,
  acknowledgement,
  state: fc.record(
    {
      state: fc.constantFrom('up', 'down', 'disputed', 'unreachable', 'unknown', 'maintenance'),
      ...{ since: moment, reason: fc.string(), episode, seen_by: fc.array(vote), flapping: fc.constant(true as const) },
      maintenance: fc.record({ why: fc.string(), until: moment }),
    },
    { requiredKeys: ['state', 'since', 'reason', 'episode', 'seen_by'] },
  ),
  alert,
  openAlert: alert,
  foundService,
  serfMember: fc.record({
    ...{ name: fc.string(), address: fc.ipV6(), port: fc.nat(65_535), since: moment, tags: txt },
    status: fc.constantFrom('alive', 'leaving', 'left', 'failed'),
  }),
  serfEvent: fc.record({
    ...{ name: fc.string(), payload: fc.string({ unit: 'binary' }), at: moment },
    encoding: fc.constantFrom('utf-8', 'base64'),
    lamport_time: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  }),
};
