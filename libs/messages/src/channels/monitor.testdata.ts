import { BUCKETS, type Header, type Intent, type SnmpObservation, type Stamp } from '@guaita/model';
import fc from 'fast-check';
import { TOLD_MOST } from '../notifications.ts';
import {
  acknowledgement,
  alert,
  amount,
  claim,
  count,
  device,
  digest,
  episode,
  foreignName,
  id,
  incarnation,
  moment,
  ordinal,
  percentage,
  silence,
  type Samples,
} from '../samples.testdata.ts';
import type { monitorChannels } from './monitor.ts';

const header: fc.Arbitrary<Header> = fc
  .record({
    host_key: fc.stringMatching(/^[0-9a-f]{32}$/),
    ...{ incarnation, session: count, beat: count, site: id, tags: fc.array(id), capacity: count },
    policy: fc.record({
      monitors_per_device: fc.integer({ min: 1, max: 9 }),
      snmp_per_device: fc.integer({ min: 1, max: 9 }),
      mode: fc.constantFrom('spread' as const, 'pack' as const),
    }),
    probe_age_s: fc.option(fc.nat().map((ms) => ms / 1000)),
    ...{ probing: fc.boolean(), isolated: fc.boolean(), isolations: fc.option(count, { nil: undefined }) },
    claims: fc.record({ version: count, count, digest }),
    seen: fc.dictionary(id, fc.record({ incarnation: ordinal, version: count })),
    intents: digest,
  })
  .map(({ isolations, ...each }) => (isolations === undefined ? each : { ...each, isolations }));

const stamp: fc.Arbitrary<Stamp> = fc.record({ at_ms: fc.nat(8.64e15), counter: count, writer: id });
const intended = { subject: id, stamp, wanted: fc.boolean() };
const other: fc.Arbitrary<Exclude<Intent, { kind: 'device' }>> = fc.oneof(
  fc.record({ kind: fc.constant('drain' as const), ...intended }),
  fc.record({ kind: fc.constant('forget' as const), ...intended, incarnation }),
  fc.record({ kind: fc.constant('silence' as const), ...intended, silence }),
  fc.record({ kind: fc.constant('acknowledgement' as const), ...intended, subject: digest, acknowledgement }),
);

const told = fc.integer({ min: 1, max: TOLD_MOST });
const state = fc.constantFrom('up' as const, 'down' as const, 'unknown' as const);
const perhaps = fc.option(amount);
const unknown = fc.constantFrom('first poll' as const, 'reboot' as const, 'wraps too fast' as const);
const observed = { at: moment, address: fc.option(fc.ipV4()), state, reason: fc.string() };

const snmp: fc.Arbitrary<SnmpObservation> = fc.record(
  {
    ...observed,
    ...{ uptime_s: perhaps, name: fc.option(fc.string()), description: fc.option(fc.string()) },
    interfaces: fc.dictionary(
      foreignName,
      fc.record(
        {
          ...{ index: ordinal, alias: fc.option(fc.string()), type: fc.option(count), speed_bps: perhaps },
          admin: fc.constantFrom('up' as const, 'down' as const, 'testing' as const, null),
          oper: fc.constantFrom('up' as const, 'lower_layer_down' as const, 'not_present' as const, null),
          ...{ in_bps: perhaps, out_bps: perhaps, in_octets: perhaps, out_octets: perhaps },
          ...{ in_errors_per_s: perhaps, out_errors_per_s: perhaps },
          ...{ in_discards_per_s: perhaps, out_discards_per_s: perhaps },
          ...{ in_multicast_per_s: perhaps, out_multicast_per_s: perhaps },
          ...{ rates_unknown: unknown, missing: fc.dictionary(foreignName, unknown) },
        },
        {
          requiredKeys: [
            ...(['index', 'alias', 'type', 'admin', 'oper', 'speed_bps'] as const),
            ...(['in_bps', 'out_bps', 'in_octets', 'out_octets'] as const),
            ...(['in_errors_per_s', 'out_errors_per_s', 'in_discards_per_s', 'out_discards_per_s'] as const),
            ...(['in_multicast_per_s', 'out_multicast_per_s'] as const),
          ],
        },
      ),
      { maxKeys: 4 },
    ),
    host: fc.record({
      ...{ cpu_percent: fc.option(percentage), load_1min: perhaps, load_5min: perhaps, load_15min: perhaps },
      ...{ memory_total_bytes: perhaps, memory_available_bytes: perhaps },
      storage: fc.dictionary(foreignName, fc.record({ total_bytes: perhaps, used_bytes: perhaps })),
    }),
    sensors: fc.dictionary(
      foreignName,
      fc.record({
        ...{ value: perhaps, unit: fc.string() },
        status: fc.constantFrom('ok', 'unavailable', 'nonoperational', null),
      }),
    ),
    ups: fc.record({
      battery: fc.constantFrom('unknown', 'normal', 'low', 'depleted', null),
      source: fc.constantFrom('other', 'none', 'normal', 'bypass', 'battery', 'booster', 'reducer', null),
      ...{ on_battery_s: perhaps, remaining_s: perhaps, charge_percent: fc.option(percentage), load_percent: perhaps },
    }),
    extra: fc.dictionary(
      foreignName,
      fc.record(
        { value: fc.oneof(perhaps, fc.string()), unit: fc.string(), per_s: perhaps, rate_unknown: unknown },
        { requiredKeys: ['value', 'unit'] },
      ),
    ),
    missing: fc.dictionary(foreignName, fc.string()),
  },
  { requiredKeys: ['at', 'address', 'state', 'uptime_s', 'name', 'description', 'interfaces'] },
);

export const monitorSamples: Samples<typeof monitorChannels> = {
  status: fc.oneof(
    header.map((each) => ({ ...each, state: 'online' as const })),
    fc.record({ state: fc.constant('offline' as const), incarnation, session: count }),
  ),
  claims: fc.record({ incarnation, version: ordinal, claims: fc.dictionary(id, claim) }),
  wants: fc.record(
    {
      incarnation: ordinal,
      versions: fc.array(count, { minLength: BUCKETS, maxLength: BUCKETS }),
      intents: fc.array(digest, { minLength: BUCKETS, maxLength: BUCKETS }),
    },
    { requiredKeys: ['incarnation', 'versions'] },
  ),
  intents: fc.record({
    digest,
    entries: fc.array(device),
    fed: fc.array(fc.record({ feeder: id, stamp, entries: fc.array(fc.nat()) })),
    withdrawn: fc.array(fc.record({ feeder: id, stamp, devices: fc.array(id) })),
    others: fc.array(other),
  }),
  service: fc.record({ state: fc.constantFrom('online', 'offline'), at: moment }),
  ping: fc.record(
    {
      ...{ ...observed, sent: count, received: count, loss_percent: fc.option(percentage) },
      ...{ rtt_min_ms: perhaps, rtt_avg_ms: perhaps, rtt_max_ms: perhaps, jitter_ms: perhaps },
    },
    {
      requiredKeys: [
        ...(['at', 'address', 'state', 'sent', 'received', 'loss_percent'] as const),
        ...(['rtt_min_ms', 'rtt_avg_ms', 'rtt_max_ms', 'jitter_ms'] as const),
      ],
    },
  ),
  snmp,
  receivers: fc.record({ receivers: fc.array(id), at: moment }),
  sent: fc.record({
    alert,
    to: fc.dictionary(id, fc.record({ round: told, reminders: fc.nat(TOLD_MOST), ended: fc.boolean(), at: moment })),
  }),
  unsent: fc.record({
    alert,
    to: fc.dictionary(
      id,
      fc.record({
        event: fc.constantFrom('begin', 'reminder', 'end'),
        ...{ key: fc.string(), why: fc.string(), attempts: told, at: moment },
      }),
    ),
  }),
  trouble: fc.record({
    at: moment,
    troubles: fc.array(
      fc.record(
        {
          kind: fc.constantFrom('loss', 'latency', 'interface-down', 'utilisation', 'errors', 'reboot'),
          ...{ part: foreignName, episode, since: moment, value: amount, usual: amount },
        },
        { requiredKeys: ['kind', 'episode', 'since'] },
      ),
      { minLength: 1, maxLength: 20 },
    ),
  }),
  disk: fc.record(
    {
      ...{ state: fc.constantFrom('ok', 'low', 'full'), since: moment, gave_up: fc.constantFrom('room', 'budget') },
      ...{ free_bytes: count, total_bytes: count, history_bytes: count },
    },
    { requiredKeys: ['state', 'since', 'free_bytes', 'total_bytes', 'history_bytes'] },
  ),
  leftOut: fc.record({
    ...{ count, services: fc.array(fc.string(), { maxLength: 10 }), room_bytes: count, since: moment, at: moment },
  }),
};
