import { AlertKind, EPISODE_MAX, INCARNATION_MAX, Severity, type Alert, type Device, type Vote } from '@guaita/model';
import fc from 'fast-check';
import type { z } from 'zod';
import type { Channel } from './channel.ts';

/** Anything that may be said in each of these channels. A channel without samples is a mistake of types. */
export type Samples<Channels extends Readonly<Record<string, Channel>>> = {
  readonly [Name in keyof Channels]: fc.Arbitrary<z.output<Channels[Name]['definition']['payload']>>;
};

export const id = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,62}$/);
export const count = fc.nat(Number.MAX_SAFE_INTEGER);
export const ordinal = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
/** What is measured, as far as it is no percentage. */
export const amount = fc.double({ min: 0, max: 1e18, noNaN: true });
export const percentage = fc.double({ min: 0, max: 100, noNaN: true });
export const incarnation = fc.integer({ min: 1, max: INCARNATION_MAX });
export const episode = fc.nat(EPISODE_MAX);
export const digest = fc.stringMatching(/^[0-9a-f]{16}$/);
export const moment = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
export const operator = fc.string({ minLength: 1, maxLength: 100 });
/** What foreign things are called. This one name JSON's readers take for something else. */
export const foreignName = fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name !== '__proto__');
export const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
export const port = fc.integer({ min: 1, max: 65_535 });

const sites = fc.array(id, { minLength: 1, maxLength: 3 });
export const checks = fc.record(
  {
    ping: fc.record({
      interval_s: fc.integer({ min: 1, max: 86_400 }),
      count: fc.integer({ min: 1, max: 20 }),
      timeout_ms: fc.integer({ min: 10, max: 60_000 }),
      size_bytes: fc.nat(65_000),
      dont_fragment: fc.boolean(),
      family: fc.constantFrom('any' as const, 'ipv4' as const, 'ipv6' as const),
    }),
    snmp: fc.record(
      { profile: id, interval_s: fc.integer({ min: 1, max: 86_400 }), port, interfaces: fc.array(foreignName) },
      { requiredKeys: ['profile', 'interval_s', 'port'] },
    ),
  },
  { requiredKeys: [] },
);
/** The fields of an inventory entry. */
export const deviceFields = {
  device: id,
  name: fc.string({ minLength: 1, maxLength: 100 }),
  addresses: fc.array(address, { minLength: 1, maxLength: 16 }),
  parents: fc.array(id),
  tags: fc.array(id),
  checks,
  placement: fc.record(
    { only_sites: sites, only_tags: sites, not_sites: sites, not_tags: sites },
    { requiredKeys: [] },
  ),
};
export const DEVICE_REQUIRED = ['device', 'name', 'addresses', 'parents', 'tags', 'checks'] as const;
export const device: fc.Arbitrary<Device> = fc.record(deviceFields, { requiredKeys: [...DEVICE_REQUIRED] });

export const claim = fc.record(
  {
    state: fc.constantFrom('held' as const, 'leaving' as const),
    sees: fc.constantFrom('unprobed' as const, 'answering' as const, 'down' as const),
    down_since: moment,
    episode,
  },
  { requiredKeys: ['state', 'sees', 'episode'] },
);

/** Which alerts a silence is about. */
export const scope = {
  ...{ devices: fc.array(id), monitors: fc.array(id), tags: fc.array(id), sites: fc.array(id) },
  kinds: fc.array(fc.constantFrom(...AlertKind.options)),
  severities: fc.array(fc.constantFrom(...Severity.options)),
};
export const silence = fc.record({ ...scope, by: operator, why: operator, until: moment });
export const acknowledgement = fc.record({ by: operator, why: operator, at: moment });

export const vote: fc.Arbitrary<Vote> = fc.record(
  {
    monitor: id,
    sees: fc.constantFrom('unprobed' as const, 'answering' as const, 'down' as const),
    ...{ counts: fc.boolean(), why_not: fc.string() },
    ...{ down_since: moment, at: moment, loss_percent: percentage, rtt_avg_ms: amount },
  },
  { requiredKeys: ['monitor', 'sees', 'counts'] },
);
export const alert: fc.Arbitrary<Alert> = fc.record(
  {
    id: digest,
    kind: fc.constantFrom(...AlertKind.options),
    severity: fc.constantFrom(...Severity.options),
    subject: id,
    part: fc.string(),
    name: fc.string(),
    tags: fc.array(id),
    episode,
    since: moment,
    at: moment,
    text: fc.string(),
    seen_by: fc.array(vote, { maxLength: 4 }),
    resolves: fc.boolean(),
    silenced: fc.record({ silence: id, by: operator, why: operator, until: moment }),
    untold: fc.constant(true as const),
    acknowledged: acknowledgement,
  },
  {
    requiredKeys: [
      ...(['id', 'kind', 'severity', 'subject', 'name', 'tags', 'episode'] as const),
      ...(['since', 'at', 'text', 'seen_by', 'resolves'] as const),
    ],
  },
);

export const serviceType = fc.stringMatching(/^[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,4})?$/);
export const protocol = fc.constantFrom('tcp' as const, 'udp' as const);
export const txt = fc.dictionary(
  foreignName.filter((key) => !key.includes('=')),
  fc.string({ maxLength: 20 }),
  { maxKeys: 16 },
);
export const foundService = fc.record({
  ...{ type: serviceType, name: id, address: fc.domain(), port, protocol, description: fc.string(), txt },
  ...{ node: fc.string(), source: id },
});
