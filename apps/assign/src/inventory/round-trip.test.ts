import { ID_MAX_LENGTH, PING_DEFAULTS, type Device } from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkInventory, formatProblem, writeDevicesYaml } from './index.ts';

const id = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/).filter((text) => text.length <= ID_MAX_LENGTH);
const name = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((text) => /^\S(.*\S)?$/su.test(text) && !text.includes('\0') && text.isWellFormed());
const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
const interfaceName = fc.stringMatching(/^[a-z]{1,5}[0-9/.:-]{0,4}$/);

const checks = fc.record(
  {
    ping: fc.record({
      interval_s: fc.integer({ min: 1, max: 86_400 }),
      count: fc.integer({ min: 1, max: 20 }),
      timeout_ms: fc.integer({ min: 10, max: 60_000 }),
      size_bytes: fc.integer({ min: 0, max: 65_000 }),
      dont_fragment: fc.boolean(),
      family: fc.constantFrom('any' as const, 'ipv4' as const, 'ipv6' as const),
    }),
    snmp: fc.record(
      {
        profile: id,
        interval_s: fc.integer({ min: 1, max: 86_400 }),
        port: fc.integer({ min: 1, max: 65_535 }),
        interfaces: fc.uniqueArray(interfaceName, { minLength: 1, maxLength: 4 }),
      },
      { requiredKeys: ['profile', 'interval_s', 'port'] },
    ),
  },
  { requiredKeys: [] },
);

const names = fc.uniqueArray(id, { minLength: 1, maxLength: 2 });
/** Rules that never bar all that they ask for. */
const placement = fc
  .record({ only_sites: names, only_tags: names, not_sites: names, not_tags: names }, { requiredKeys: [] })
  .map((rules) => {
    const without = (barred: string[] = [], asked: string[] = []) => barred.filter((name) => !asked.includes(name));
    const not_sites = without(rules.not_sites, rules.only_sites);
    const not_tags = without(rules.not_tags, rules.only_tags);
    const { only_sites, only_tags } = rules;
    return {
      ...(only_sites && { only_sites }),
      ...(only_tags && { only_tags }),
      ...(not_sites.length > 0 && { not_sites }),
      ...(not_tags.length > 0 && { not_tags }),
    };
  })
  .filter((rules) => Object.keys(rules).length > 0);

/** Devices whose parents stand before them, so that there is no circle. */
const devices: fc.Arbitrary<Device[]> = fc
  .uniqueArray(
    fc.record(
      {
        device: id,
        name,
        addresses: fc.uniqueArray(address, { minLength: 1, maxLength: 3 }),
        tags: fc.uniqueArray(id, { maxLength: 3 }),
        checks,
        parents: fc.array(fc.nat(), { maxLength: 2 }),
        placement,
      },
      { requiredKeys: ['device', 'name', 'addresses', 'tags', 'checks', 'parents'] },
    ),
    { selector: ({ device }) => device, maxLength: 8 },
  )
  .map((drafts) =>
    drafts.map((draft, index): Device => {
      const parents = index === 0 ? [] : draft.parents.map((at) => drafts[at % index]?.device ?? '');
      return { ...draft, parents: [...new Set(parents)] };
    }),
  );

function read(text: string, file: string): Device[] {
  const { devices, problems } = checkInventory(text, file);
  expect(problems.filter(({ severity }) => severity === 'error').map(formatProblem)).toEqual([]);
  return devices.map(({ device }) => device);
}

function toCsv(list: readonly Device[]): string {
  const pingKeys = Object.keys(PING_DEFAULTS) as (keyof typeof PING_DEFAULTS)[];
  const snmpKeys = ['profile', 'interval_s', 'port'] as const;
  const rules = ['only_sites', 'only_tags', 'not_sites', 'not_tags'] as const;
  const header = [
    ...['id', 'name', 'addresses', 'parents', 'tags', 'ping', 'snmp.interfaces'],
    ...pingKeys.map((key) => `ping.${key}`),
    ...snmpKeys.map((key) => `snmp.${key}`),
    ...rules.map((rule) => `placement.${rule}`),
  ];
  const rows = list.map(({ device, name, addresses, parents, tags, checks: { ping, snmp }, placement }) => [
    ...[
      device,
      name,
      addresses.join(' '),
      parents.join('|'),
      tags.join(' '),
      ping === undefined ? 'false' : 'true',
      (snmp?.interfaces ?? []).join('|'),
    ],
    ...pingKeys.map((key) => String(ping?.[key] ?? '')),
    ...snmpKeys.map((key) => String(snmp?.[key] ?? '')),
    ...rules.map((rule) => (placement?.[rule] ?? []).join(' ')),
  ]);
  return [header, ...rows].map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')).join('\n');
}

describe('devices written and read again are the same', () => {
  it('in devices.yaml', () => {
    fc.assert(
      fc.property(devices, (list) => {
        expect(read(writeDevicesYaml(list), 'd.yaml')).toEqual(list);
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it.each(['1e999', '0x1f', 'true', 'null', '-1', '2026-11-23', '~', '1_000'])(
    'in devices.yaml with the text %j',
    (text) => {
      const device = { device: 'a', addresses: ['192.0.2.1'], parents: [], checks: {} };
      const list: Device[] = [{ ...device, name: text, tags: /^[a-z0-9]/.test(text) ? [text] : [] }];
      expect(read(writeDevicesYaml(list), 'd.yaml')).toEqual(list);
    },
  );

  it('in JSON, which is YAML', () => {
    const toJson = (list: readonly Device[]): string =>
      JSON.stringify({
        devices: list.map(({ device, checks, ...rest }) => ({
          id: device,
          ...rest,
          ping: checks.ping ?? false,
          ...checks,
        })),
      });
    fc.assert(
      fc.property(devices, (list) => {
        expect(read(toJson(list), 'd.json')).toEqual(list);
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it('in CSV', () => {
    fc.assert(
      fc.property(devices, (list) => {
        expect(read(toCsv(list), 'd.csv')).toEqual(list);
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});
