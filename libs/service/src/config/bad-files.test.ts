import { expect, test } from 'vitest';
import { problemsOf } from './samples.testdata.ts';

const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
  .concat('bcdefgh'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefg'[i]},`.repeat(10)}]`))
  .join('\n');

const cases: [name: string, yaml: string, problems: string[]][] = [
  [
    'a mistyped key',
    'ping:\n  intervall_s: 5',
    ['guaita.yaml:2 ping.intervall_s: unknown key; did you mean "interval_s"?'],
  ],
  ['a mistyped section', 'pinng:\n  count: 5', ['guaita.yaml:1 pinng: unknown key; did you mean "ping"?']],
  [
    'a key like nothing known',
    'ping:\n  favourite_colour: 5',
    [
      'guaita.yaml:2 ping.favourite_colour: unknown key; known are "interval_s", "count", "engine", "confirm", "anchors", "sizes", "allowedNetworks", "rate"',
    ],
  ],
  [
    'an unknown key in a record',
    'snmp:\n  profiles:\n    home:\n      version: 2c\n      comunity: public\n      community: s',
    ['guaita.yaml:5 snmp.profiles.home.comunity: unknown key; did you mean "community"?'],
  ],
  [
    'a key of the other kind of profile',
    'snmp: {profiles: {home: {version: "3", user: u, community: abc}}}',
    ['guaita.yaml:1 snmp.profiles.home.community: unknown key; known are "version", "user", "key", "priv_key"'],
  ],
  [
    'text for a number',
    'ping:\n  interval_s: fast',
    ['guaita.yaml:2 ping.interval_s: "fast" is not a number; give a number'],
  ],
  ['a number for text', 'data: 5', ['guaita.yaml:1 data: 5 is not text; give text: put it in quotes']],
  [
    'a fraction for a whole number',
    'ping:\n  count: 1.5',
    ['guaita.yaml:2 ping.count: 1.5 is not a whole number; give a whole number'],
  ],
  ['too small', 'ping: {interval_s: 0}', ['guaita.yaml:1 ping.interval_s: 0 is too small; give at least 1']],
  ['too big', 'http: {port: 70000}', ['guaita.yaml:1 http.port: 70000 is too big; give at most 65535']],
  [
    'a certificate without its key',
    'http:\n  cert_file: monitor.pem',
    ['guaita.yaml:1 http: has one of cert_file and key_file; give both, or none'],
  ],
  ['an empty text', 'data: ""', ['guaita.yaml:1 data: "" is too short; give at least 1 character']],
  [
    'an unknown choice',
    'log: {format: pritty}',
    ['guaita.yaml:1 log.format: "pritty" is not known here; did you mean "pretty"?'],
  ],
  ['an empty value', 'ping:\n  count:\n', ['guaita.yaml:2 ping.count: is empty; give a number, or take the key out']],
  ['a list for a mapping', 'mqtt: [a]', ['guaita.yaml:1 mqtt: a list is not a mapping; give a mapping']],
  ['text for a section', 'ping: yes please', ['guaita.yaml:1 ping: "yes please" is not a mapping; give a mapping']],
  ['text for a list', 'ping: {anchors: gateway}', ['guaita.yaml:1 ping.anchors: "gateway" is not a list; give a list']],
  [
    'an entry of a list',
    'ping:\n  sizes:\n    - 1\n    - two',
    ['guaita.yaml:4 ping.sizes[1]: "two" is not a number; give a number'],
  ],
  [
    'a network',
    'ping:\n  allowedNetworks: [10.0.0.0/33]',
    [
      'guaita.yaml:2 ping.allowedNetworks[0]: "10.0.0.0/33" is not a network like "10.0.0.0/8" or "2001:db8::/32"; correct it',
    ],
  ],
  [
    'an id',
    'site: My Home',
    ['guaita.yaml:1 site: "My Home" must be an id: a-z, 0-9, ".", "_" or "-", at most 63 characters; correct it'],
  ],
  [
    'a union',
    'ping: {rate: often}',
    ['guaita.yaml:1 ping.rate: "often" is not accepted; give "unlimited" or a number'],
  ],
  ['a union’s bound', 'ping: {rate: -1}', ['guaita.yaml:1 ping.rate: -1 is too small; give more than 0']],
  [
    'a missing discriminator',
    'snmp: {profiles: {home: {community: abc}}}',
    ['guaita.yaml:1 snmp.profiles.home.version: is missing; give one of 2c, 3'],
  ],
  [
    'a wrong discriminator',
    'snmp: {profiles: {home: {version: "4", community: abc}}}',
    ['guaita.yaml:1 snmp.profiles.home.version: "4" is not known here; known are "2c", "3"'],
  ],
  [
    'a number that is meant as text',
    'snmp: {profiles: {home: {version: 3, user: u}}}',
    ['guaita.yaml:1 snmp.profiles.home.version: 3 is not known here; put it in quotes'],
  ],
  [
    'a missing field',
    'snmp:\n  profiles:\n    home:\n      version: 2c',
    ['guaita.yaml:3 snmp.profiles.home.community: is missing; give text'],
  ],
  [
    'a name that is no id',
    'snmp: {profiles: {"My Lab": {version: 2c, community: abc}}}',
    [
      'guaita.yaml:1 snmp.profiles.My Lab: "My Lab" is not a name that fits here; must be an id: a-z, 0-9, ".", "_" or "-", at most 63 characters',
    ],
  ],
  [
    'a broker that is none',
    'mqtt: {url: "localhost:1883"}',
    [
      'guaita.yaml:1 mqtt.url: is not a broker’s address; give one like "mqtt://127.0.0.1:1883", "mqtts://broker.lan:8883" or "mqtt+unix:///run/mosquitto.sock"',
    ],
  ],
  [
    'a password in the URL',
    'mqtt: {url: "mqtt://me:hunter2@broker"}',
    [
      'guaita.yaml:1 mqtt.url: holds a user or password, which would be shown in logs; put them into mqtt.username and mqtt.password',
    ],
  ],
  [
    'a wildcard in the base',
    'base: guaita/#',
    ['guaita.yaml:1 base: "guaita/#" is not a topic; use levels of letters and digits, as in "guaita"'],
  ],
  [
    'a key written twice',
    'ping:\n  count: 1\n  count: 2',
    ['guaita.yaml:3 ping.count: is written twice, first in line 2; keep one of them'],
  ],
  [
    'a section written twice',
    'ping: {}\nsite: a\nping: {}',
    ['guaita.yaml:3 ping: is written twice, first in line 1; keep one of them'],
  ],
  [
    'a list at the top',
    '- a',
    ['guaita.yaml:1: is not a mapping; write sections and keys, as in "ping:" and "site: home"'],
  ],
  [
    'text at the top',
    'hello',
    ['guaita.yaml:1: is not a mapping; write sections and keys, as in "ping:" and "site: home"'],
  ],
  ['a key that is a list', '? [a]\n: 1', ['guaita.yaml:1: has a key that is no name; use plain names as keys']],
  [
    'a key that reaches for the prototype',
    'ping: {__proto__: {count: 1}}',
    ['guaita.yaml:1 ping: has a key that is no name; use plain names as keys'],
  ],
  [
    'an alias of nothing',
    'site: *home',
    ['guaita.yaml:1 site: is an alias of nothing before it; put text that begins with "*" in quotes'],
  ],
  [
    'aliases of aliases',
    bomb,
    ['guaita.yaml:1: holds far too much: values within values, or aliases of aliases; write them out'],
  ],
  [
    'an alias of itself',
    'ping: &p\n  anchors: *p',
    ['guaita.yaml:1: holds far too much: values within values, or aliases of aliases; write them out'],
  ],
  ['a tag', 'site: !home x', ['guaita.yaml:1: has an unknown tag; put text that begins with "!" in quotes']],
  ['a tab', 'ping:\n\tcount: 1', ['guaita.yaml:2: is indented with a tab; use spaces']],
  [
    'an open bracket',
    'ping: {anchors: [a, b',
    ['guaita.yaml:1: is indented wrongly, or a bracket is not closed; indent by two spaces for each level'],
  ],
  ['an open quote', 'site: "home', ['guaita.yaml:1: lacks a closing quote, bracket, comma or space; add it']],
  [
    'two documents',
    'site: a\n---\nsite: b',
    ['guaita.yaml:2: a second document begins; keep one, with no "---" after its beginning'],
  ],
  [
    'a reserved character',
    'site: @home',
    ['guaita.yaml:1: begins with a character that YAML keeps for itself; put the value in quotes'],
  ],
  [
    'a key written twice and other mistakes',
    'site: a\nsite: b\nping: {count: 0}',
    [
      'guaita.yaml:2 site: is written twice, first in line 1; keep one of them',
      'guaita.yaml:3 ping.count: 0 is too small; give at least 1',
    ],
  ],
  [
    'everything at once',
    'site: My Home\nping:\n  intervall_s: 5\n  count: 0\nhttp:\n  port: x\nstorrage: {}',
    [
      'guaita.yaml:1 site: "My Home" must be an id: a-z, 0-9, ".", "_" or "-", at most 63 characters; correct it',
      'guaita.yaml:3 ping.intervall_s: unknown key; did you mean "interval_s"?',
      'guaita.yaml:4 ping.count: 0 is too small; give at least 1',
      'guaita.yaml:6 http.port: "x" is not a number; give a number',
      'guaita.yaml:7 storrage: unknown key; did you mean "storage"?',
    ],
  ],
];

test.each(cases)('%s is refused with where, what and how to mend it', (_name, yaml, problems) => {
  expect(problemsOf({ yaml })).toEqual(problems);
});
