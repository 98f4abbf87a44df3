import {
  AlertKind,
  BUCKETS,
  EPISODE_MAX,
  INCARNATION_MAX,
  Severity,
  type Alert,
  type Device,
  type Header,
  type Intent,
  type Stamp,
} from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { channels } from './channels.ts';
import { TOLD_MOST } from './notifications.ts';

const utf8 = new TextEncoder();
const id = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,62}$/);
const count = fc.nat(Number.MAX_SAFE_INTEGER);
const ordinal = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const incarnation = fc.integer({ min: 1, max: INCARNATION_MAX });
const digest = fc.stringMatching(/^[0-9a-f]{16}$/);
const moment = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

const header: fc.Arbitrary<Header> = fc.record({
  host_key: fc.stringMatching(/^[0-9a-f]{32}$/),
  incarnation,
  session: count,
  beat: count,
  site: id,
  tags: fc.array(id),
  capacity: count,
  policy: fc.record({
    monitors_per_device: fc.integer({ min: 1, max: 9 }),
    snmp_per_device: fc.integer({ min: 1, max: 9 }),
    mode: fc.constantFrom('spread' as const, 'pack' as const),
  }),
  probe_age_s: fc.option(fc.nat().map((ms) => ms / 1000)),
  probing: fc.boolean(),
  isolated: fc.boolean(),
  claims: fc.record({ version: count, count, digest }),
  seen: fc.dictionary(id, fc.record({ incarnation: ordinal, version: count })),
  intents: digest,
});
const stamp: fc.Arbitrary<Stamp> = fc.record({ at_ms: fc.nat(8.64e15), counter: count, writer: id });
const device: fc.Arbitrary<Device> = fc.record({
  device: id,
  name: fc.string({ minLength: 1, maxLength: 100 }),
  addresses: fc.array(fc.ipV4(), { minLength: 1, maxLength: 16 }),
  parents: fc.array(id),
  tags: fc.array(id),
  checks: fc.constant({}),
});
const operator = fc.string({ minLength: 1, maxLength: 100 });
const scope = {
  ...{ devices: fc.array(id), monitors: fc.array(id), tags: fc.array(id), sites: fc.array(id) },
  kinds: fc.array(fc.constantFrom(...AlertKind.options)),
  severities: fc.array(fc.constantFrom(...Severity.options)),
};
const silence = fc.record({ ...scope, by: operator, why: operator, until: moment });
const acknowledgement = fc.record({ by: operator, why: operator, at: moment });
const other: fc.Arbitrary<Intent> = fc.oneof(
  fc.record({ kind: fc.constant('drain' as const), subject: id, stamp, wanted: fc.boolean() }),
  fc.record({
    kind: fc.constant('forget' as const),
    subject: id,
    stamp,
    wanted: fc.boolean(),
    incarnation,
  }),
  fc.record({ kind: fc.constant('silence' as const), subject: id, stamp, wanted: fc.boolean(), silence }),
  fc.record({
    kind: fc.constant('acknowledgement' as const),
    subject: digest,
    stamp,
    wanted: fc.boolean(),
    acknowledgement,
  }),
);
const serviceType = fc.stringMatching(/^[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,4})?$/);
const port = fc.integer({ min: 1, max: 65_535 });
const protocol = fc.constantFrom('tcp' as const, 'udp' as const);
const attribute = fc.string({ minLength: 1, maxLength: 20 }).filter((key) => !key.includes('=') && key !== '__proto__');
const txt = fc.dictionary(attribute, fc.string({ maxLength: 20 }), { maxKeys: 16 });
const claim = fc.record(
  {
    state: fc.constantFrom('held' as const, 'leaving' as const),
    sees: fc.constantFrom('unprobed' as const, 'answering' as const, 'down' as const),
    down_since: moment,
    episode: fc.nat(EPISODE_MAX),
  },
  { requiredKeys: ['state', 'sees', 'episode'] },
);

const alert: fc.Arbitrary<Alert> = fc.record({
  id: digest,
  kind: fc.constantFrom(...AlertKind.options),
  severity: fc.constantFrom(...Severity.options),
  subject: id,
  name: fc.string(),
  tags: fc.array(id),
  episode: fc.nat(EPISODE_MAX),
  since: moment,
  at: moment,
  text: fc.string(),
  seen_by: fc.constant([]),
  resolves: fc.boolean(),
});

const samples = {
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
  sent: fc.record({
    alert,
    to: fc.dictionary(
      id,
      fc.record({
        round: fc.integer({ min: 1, max: TOLD_MOST }),
        reminders: fc.nat(TOLD_MOST),
        ended: fc.boolean(),
        at: moment,
      }),
    ),
  }),
  unsent: fc.record({
    alert,
    to: fc.dictionary(
      id,
      fc.record({
        event: fc.constantFrom('begin' as const, 'reminder' as const, 'end' as const),
        key: fc.string(),
        why: fc.string(),
        attempts: fc.integer({ min: 1, max: TOLD_MOST }),
        at: moment,
      }),
    ),
  }),
  addDevices: fc.record({ devices: fc.array(device, { minLength: 1, maxLength: 20 }) }),
  removeDevices: fc.record({ devices: fc.array(id, { minLength: 1, maxLength: 20 }) }),
  drainMonitor: fc.record({ monitor: id, drain: fc.boolean() }),
  forgetMonitor: fc.record({ monitor: id, with_devices: fc.boolean() }),
  silence,
  acknowledgement,
  addSilence: fc.record(
    { silence: id, ...scope, by: operator, why: operator, until: moment, for_s: ordinal },
    { requiredKeys: ['devices', 'monitors', 'tags', 'sites', 'kinds', 'severities', 'by', 'why'] },
  ),
  removeSilences: fc.record({ silences: fc.array(id, { minLength: 1, maxLength: 20 }) }),
  addService: fc.record(
    { type: serviceType, name: id, address: fc.ipV4(), port, protocol, description: operator, txt },
    { requiredKeys: ['type', 'name', 'port', 'protocol', 'description', 'txt'] },
  ),
  removeService: fc.record({ type: serviceType, name: id }),
  foundService: fc.record({
    ...{ type: serviceType, name: id, address: fc.domain(), port, protocol, description: fc.string(), txt },
    ...{ node: fc.string(), source: id },
  }),
  presence: fc.record(
    { state: fc.constant('online' as const), at: moment, preferred: fc.constant(true as const) },
    { requiredKeys: ['state', 'at'] },
  ),
  serfMember: fc.record({
    ...{ name: fc.string(), address: fc.ipV6(), port: fc.nat(65_535), since: moment, tags: txt },
    status: fc.constantFrom('alive' as const, 'leaving' as const, 'left' as const, 'failed' as const),
  }),
  serfEvent: fc.record({
    ...{ name: fc.string(), payload: fc.string({ unit: 'binary' }), at: moment },
    encoding: fc.constantFrom('utf-8' as const, 'base64' as const),
    lamport_time: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  }),
  acknowledgeAlert: fc.record({ alert: digest, by: operator, why: operator, acknowledge: fc.boolean() }),
  reply: fc.oneof(
    fc.record({ ok: fc.constant(true as const), monitor: id }),
    fc.record({ ok: fc.constant(false as const), monitor: id, problem: fc.string({ minLength: 1 }) }),
  ),
};

describe('what the cluster says', { timeout: 60_000 }, () => {
  test.each(Object.entries(samples))('in %s is read back as it was said', (name, sample: fc.Arbitrary<object>) => {
    const channel = channels[name as keyof typeof samples];
    fc.assert(
      fc.property(sample, (value) => {
        const bytes = utf8.encode(channel.encode(value as never));
        // Dictionaries of fast-check have no prototype, and what is read has.
        expect(channel.decode('t', bytes)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 500 },
    );
  });

  test('of an entered device may leave out all but its id and an address: it is pinged', () => {
    const command = utf8.encode('{"devices":[{"device":"router","addresses":["10.0.0.1"]}]}');
    expect(channels.addDevices.decode('t', command).devices[0]).toMatchObject({
      device: 'router',
      checks: { ping: { interval_s: 60 } },
    });
  });

  test('of an entered service may leave out all but its type, name and port', () => {
    const command = utf8.encode('{"type":"http","name":"web","port":80}');
    expect(channels.addService.decode('t', command)).toEqual({
      ...{ type: 'http', name: 'web', port: 80, protocol: 'tcp', description: '', txt: {} },
    });
  });

  test.each([
    [
      { type: 'HTTP' },
      'type: must be a type of service: a-z, 0-9 and single hyphens, with a letter, at most 15 characters',
    ],
    [{ name: 'a/b' }, 'name: must be an id'],
    [{ port: 0 }, 'port: '],
    [{ address: '10.0.0' }, 'address: "10.0.0" is not an IP address or host name'],
    [{ txt: { 'a=b': 'c' } }, 'txt: must have names of 1 to 128 characters without a "="'],
    [
      { txt: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`a${at}`, ''])) },
      'txt: must have at most 16 attributes',
    ],
  ])('of an entered service is refused with %j', (wrong, message) => {
    const command = utf8.encode(JSON.stringify({ type: 'http', name: 'web', port: 80, ...wrong }));
    expect(() => channels.addService.decode('t', command)).toThrow(message);
  });

  test('in a header or a goodbye is told apart by the state, and nothing between them is taken', () => {
    const goodbye = { state: 'offline', incarnation: 1, session: 2 };
    expect(channels.status.decode('t', utf8.encode(JSON.stringify(goodbye)))).toEqual(goodbye);
    for (const wrong of [{ ...goodbye, state: 'online' }, { ...goodbye, state: 'gone' }, { incarnation: 1 }]) {
      expect(() => channels.status.decode('t', utf8.encode(JSON.stringify(wrong)))).toThrow('t: ');
    }
  });
});
