import { z } from 'zod';
import { describe, expect, test } from 'vitest';
import { configOf, ping, problemsOf, type Given } from './samples.testdata.ts';

const v2 = 'snmp:\n  profiles:\n    home:\n      version: 2c\n      community: old';

describe('a variable sets', () => {
  const cases: [name: string, given: Given, section: string, path: string[], value: unknown][] = [
    [
      'the name of a host, of which an id is made',
      { env: { GUAITA_MONITOR: 'Pi-One.LAN' } },
      'common',
      ['monitor'],
      'pi-one.lan',
    ],
    ['a common field', { env: { GUAITA_SITE: 'cellar' } }, 'common', ['site'], 'cellar'],
    ['a nested common field', { env: { GUAITA_HTTP_PORT: '0' } }, 'common', ['http', 'port'], 0],
    ['a number', { env: { GUAITA_PING_INTERVAL_S: '2.5' } }, 'ping', ['interval_s'], 2.5],
    ['a truth value', { env: { GUAITA_PING_CONFIRM: 'false' } }, 'ping', ['confirm'], false],
    [
      'a camel-case field',
      { env: { GUAITA_PING_ALLOWED_NETWORKS: '10.0.0.0/8, ::1' } },
      'ping',
      ['allowedNetworks'],
      ['10.0.0.0/8', '::1'],
    ],
    ['a list of numbers', { env: { GUAITA_PING_SIZES: '56,1400' } }, 'ping', ['sizes'], [56, 1400]],
    ['a list in brackets', { env: { GUAITA_PING_SIZES: '[56, 1400]' } }, 'ping', ['sizes'], [56, 1400]],
    ['a union', { env: { GUAITA_PING_RATE: '20' } }, 'ping', ['rate'], 20],
    ['digits where text is wanted', { env: { GUAITA_SITE: '12' } }, 'common', ['site'], '12'],
    [
      'a field from a file, its last newline off',
      { env: { GUAITA_MQTT_PASSWORD_FILE: '/s' }, files: { '/s': 'a b \n' } },
      'common',
      ['mqtt', 'password'],
      'a b ',
    ],
    [
      'a field whose own name ends in _file',
      { env: { GUAITA_MQTT_CA_FILE: '/etc/ca.pem' } },
      'common',
      ['mqtt', 'ca_file'],
      '/etc/ca.pem',
    ],
    [
      'what the file says, anew',
      { yaml: v2, env: { GUAITA_SNMP_PROFILES_HOME_COMMUNITY: 'new' } },
      'snmp',
      ['profiles', 'home', 'community'],
      'new',
    ],
    [
      'a record’s secret from a file',
      { yaml: v2, env: { GUAITA_SNMP_PROFILES_HOME_COMMUNITY_FILE: '/s' }, files: { '/s': 'new' } },
      'snmp',
      ['profiles', 'home', 'community'],
      'new',
    ],
    [
      'a record’s field under a name with a dash',
      { yaml: v2.replace('home', 'home-lan.1'), env: { GUAITA_SNMP_PROFILES_HOME_LAN_1_COMMUNITY: 'new' } },
      'snmp',
      ['profiles', 'home-lan.1', 'community'],
      'new',
    ],
    [
      'a record that the file does not have',
      { env: { GUAITA_SNMP_PROFILES_LAB_VERSION: '2c', GUAITA_SNMP_PROFILES_LAB_COMMUNITY: 'x1' } },
      'snmp',
      ['profiles', 'lab', 'community'],
      'x1',
    ],
  ];
  test.each(cases)('%s', (_name, given, section, path, value) => {
    const config = configOf(given);
    const from = section === 'common' ? config.common : config.sections[section];
    expect(path.reduce((at, key) => (at as Record<string, unknown>)[key], from)).toEqual(value);
  });
});

test('flags win over variables, and variables over the file', () => {
  const given = { yaml: 'site: a\nbase: a\ndata: a', env: { GUAITA_SITE: 'b', GUAITA_BASE: 'b' } };
  const flags = [{ flag: '--site', path: ['site'], text: 'c' }];
  expect(configOf({ ...given, flags }).common).toMatchObject({ site: 'c', base: 'b', data: 'a' });
});

test('an empty variable counts as not set', () => {
  expect(configOf({ yaml: 'site: a', env: { GUAITA_SITE: '', GUAITA_MQTT_PASSWORD_FILE: '' } }).common.site).toBe('a');
});

test('variables of other programs and of services elsewhere are left alone', () => {
  expect(
    problemsOf({ definitions: [ping], env: { GUAITAX: '1', HOME: '/', GUAITA_SNMP_PROFILES_X_COMMUNITY: 'y' } }),
  ).toEqual([]);
});

describe('a variable is refused with its name and how to mend it:', () => {
  const cases: [name: string, given: Given, problems: string[]][] = [
    [
      'a mistyped one',
      { env: { GUAITA_PING_INTERVALL_S: '5' } },
      ['GUAITA_PING_INTERVALL_S: unknown variable; did you mean GUAITA_PING_INTERVAL_S?'],
    ],
    [
      'a mistyped file variant',
      { env: { GUAITA_MQTT_PASWORD_FILE: '/s' } },
      ['GUAITA_MQTT_PASWORD_FILE: unknown variable; did you mean GUAITA_MQTT_PASSWORD_FILE?'],
    ],
    [
      'one like nothing known',
      { env: { GUAITA_FAVOURITE_COLOUR_OF_ALL: 'x' } },
      ['GUAITA_FAVOURITE_COLOUR_OF_ALL: unknown variable; take it out'],
    ],
    [
      'a whole section',
      { env: { GUAITA_MQTT: '{}' } },
      ['GUAITA_MQTT: is a section; set its fields one by one, such as GUAITA_MQTT_URL'],
    ],
    [
      'one that also comes from a file',
      { env: { GUAITA_SITE: 'a', GUAITA_SITE_FILE: '/s' }, files: { '/s': 'b' } },
      ['GUAITA_SITE_FILE site: is set by GUAITA_SITE too; set only one of them'],
    ],
    [
      'a file that is not there',
      { env: { GUAITA_MQTT_PASSWORD_FILE: '/none' } },
      ['GUAITA_MQTT_PASSWORD_FILE mqtt.password: cannot read "/none" (ENOENT); name a readable file'],
    ],
    [
      'a word for a number',
      { env: { GUAITA_HTTP_PORT: 'http' } },
      ['GUAITA_HTTP_PORT http.port: "http" is not a number; give a number'],
    ],
    [
      'a number out of bounds',
      { env: { GUAITA_HTTP_PORT: '70000' } },
      ['GUAITA_HTTP_PORT http.port: 70000 is too big; give at most 65535'],
    ],
    [
      'a list with a wrong entry',
      { env: { GUAITA_PING_SIZES: '56,big' } },
      ['GUAITA_PING_SIZES ping.sizes[1]: "big" is not a number; give a number'],
    ],
    [
      'two names that look alike',
      {
        yaml: `${v2}\n    ho-me: &h {version: 2c, community: x1}\n    ho.me: *h`,
        env: { GUAITA_SNMP_PROFILES_HO_ME_COMMUNITY: 'y' },
      },
      [
        'GUAITA_SNMP_PROFILES_HO_ME_COMMUNITY: may mean snmp.profiles.ho-me.community or snmp.profiles.ho.me.community; set it in the file instead',
      ],
    ],
    [
      'a new name that may end in two places',
      { env: { GUAITA_SNMP_PROFILES_LAB_PRIV_KEY: 'y' } },
      [
        'GUAITA_SNMP_PROFILES_LAB_PRIV_KEY: may mean snmp.profiles.lab.priv_key or snmp.profiles.lab_priv.key; set it in the file instead',
      ],
    ],
    [
      'a name that reaches for the prototype',
      { env: { GUAITA_SNMP_PROFILES___PROTO___COMMUNITY: 'y' } },
      ['GUAITA_SNMP_PROFILES___PROTO___COMMUNITY: unknown variable; take it out'],
    ],
    [
      'a flag out of bounds',
      { flags: [{ flag: '--http-port', path: ['http', 'port'], text: '-1' }] },
      ['--http-port: -1 is too small; give at least 0'],
    ],
  ];
  test.each(cases)('%s', (_name, given, problems) => {
    expect(problemsOf(given)).toEqual(problems);
  });
});

test('a name that may be two fields is refused', () => {
  const clash = { ...ping, config: z.strictObject({ a_b: z.string().default(''), aB: z.string().default('') }) };
  expect(problemsOf({ definitions: [clash], env: { GUAITA_PING_A_B: 'x' } })).toEqual([
    'GUAITA_PING_A_B: may mean ping.a_b or ping.aB; set it in the file instead',
  ]);
});
