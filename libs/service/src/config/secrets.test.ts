import { z } from 'zod';
import { describe, expect, test } from 'vitest';
import { describeConfig } from './describe.ts';
import { configOf, ping, problemsOf } from './samples.testdata.ts';
import { isSecret, secret } from '@guaita/settings';

test('the mark of a secret stays with the schemas made from it', () => {
  for (const schema of [
    secret(),
    secret().optional(),
    secret().min(8),
    secret().default('x'),
    secret().nullable().describe('x'),
  ]) {
    expect(isSecret(schema)).toBe(true);
  }
  expect(isSecret(z.string())).toBe(false);
});

test('the description of a configuration says where each value comes from and shows no secret', () => {
  const config = configOf({
    yaml: 'site: cellar\nsnmp:\n  profiles:\n    lab:\n      version: 2c\n      community: s3cr3t',
    env: { GUAITA_MQTT_PASSWORD: 'hunter2', GUAITA_PING_SIZES: '56,1400' },
    flags: [{ flag: '--http-port', path: ['http', 'port'], text: '0' }],
  });
  expect(describeConfig(config)).toEqual([
    'monitor = "pi-one" (default)',
    'site = "cellar" (guaita.yaml:1)',
    'tags = [] (default)',
    'data = "./data" (default)',
    'base = "guaita" (default)',
    'mqtt.url = "mqtt://127.0.0.1:1883" (default)',
    'mqtt.password = [secret] (GUAITA_MQTT_PASSWORD)',
    'http.host = "127.0.0.1" (default)',
    'http.port = 0 (--http-port)',
    'http.allowed_hosts = [] (default)',
    'log.level = "info" (default)',
    'log.format = "auto" (default)',
    'ping.interval_s = 60 (default)',
    'ping.count = 3 (default)',
    'ping.engine = "auto" (default)',
    'ping.confirm = true (default)',
    'ping.anchors = ["gateway"] (default)',
    'ping.sizes = [56,1400] (GUAITA_PING_SIZES)',
    'ping.allowedNetworks = [] (default)',
    'ping.rate = "unlimited" (default)',
    'snmp.profiles.lab.version = "2c" (guaita.yaml:5)',
    'snmp.profiles.lab.community = [secret] (guaita.yaml:6)',
    'snmp.profiles.lab.allowed = [] (default)',
  ]);
  expect([...config.secrets].sort()).toEqual(['hunter2', 's3cr3t']);
});

test('secrets within a list are not shown', () => {
  const section = z.strictObject({
    targets: z.array(z.strictObject({ url: z.string(), token: secret() })).default([]),
  });
  const config = configOf({
    definitions: [{ ...ping, config: section }],
    yaml: 'ping: {targets: [{url: u, token: abc}]}',
  });
  expect(describeConfig(config).slice(-2)).toEqual([
    'ping.targets[0].url = "u" (guaita.yaml:1)',
    'ping.targets[0].token = [secret] (guaita.yaml:1)',
  ]);
});

describe('no secret is in an error', () => {
  const cases: [name: string, yaml: string, problems: string[]][] = [
    [
      'too short',
      'snmp: {profiles: {a: {version: "3", user: u, key: hunter2}}}',
      ['guaita.yaml:1 snmp.profiles.a.key: the value (not shown) is too short; give at least 8 characters'],
    ],
    [
      'a number',
      'mqtt: {password: 73313}',
      ['guaita.yaml:1 mqtt.password: the value (not shown) is not text; give text: put it in quotes'],
    ],
    [
      'a list',
      'mqtt: {password: [hunter2]}',
      ['guaita.yaml:1 mqtt.password: the value (not shown) is not text; give text'],
    ],
    [
      'taken for an alias',
      'mqtt: {password: *hunter2 }',
      ['guaita.yaml:1 mqtt.password: is an alias of nothing before it; put text that begins with "*" in quotes'],
    ],
    [
      'taken for a tag',
      'mqtt: {password: !hunter2 x}',
      ['guaita.yaml:1: has an unknown tag; put text that begins with "!" in quotes'],
    ],
    [
      'with a wrong escape',
      'mqtt: {password: "\\hunter2"}',
      ['guaita.yaml:1: has an unknown escape in double quotes; write "\\\\" for a backslash, or use single quotes'],
    ],
    [
      'under a mistyped key',
      'mqtt: {pasword: hunter2}',
      ['guaita.yaml:1 mqtt.pasword: unknown key; did you mean "password"?'],
    ],
  ];
  test.each(cases)('%s', (_name, yaml, problems) => {
    expect(problemsOf({ yaml })).toEqual(problems);
  });

  test('but a schema’s own words, as long as they do not quote it', () => {
    const refined = z
      .strictObject({ token: secret(z.string().refine(() => false, 'is no token; make one')).optional() })
      .prefault({});
    expect(problemsOf({ yaml: 'ping: {token: hunter2}', definitions: [{ name: 'ping', config: refined }] })).toEqual([
      'guaita.yaml:1 ping.token: is no token; make one',
    ]);
  });

  test('when the schema’s own words quote it', () => {
    const quoting = z
      .strictObject({ user: z.string(), token: secret() })
      .refine(() => false, { error: (issue) => `${JSON.stringify(issue.input)} is not right` })
      .prefault({ user: 'me', token: 'none' });
    expect(
      problemsOf({ definitions: [{ ...ping, config: quoting }], yaml: 'ping: {user: me, token: hunter2}' }),
    ).toEqual(['guaita.yaml:1 ping: {"user":"me","token":"[secret]"} is not right; correct it']);
  });
});

test('a secret is known behind a change before or after it', () => {
  const trim = (value: unknown): unknown => (typeof value === 'string' ? value.trim() : value);
  expect(isSecret(z.preprocess(trim, secret()))).toBe(true);
  expect(isSecret(secret().transform((text) => text.length))).toBe(true);
});
