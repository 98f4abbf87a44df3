import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Document } from 'yaml';
import { z } from 'zod';
import { ConfigError } from '@guaita/settings';
import { parse, problemsOf } from './samples.testdata.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

const RUNS = 10_000;
/** For the slowest machine that runs them beside other tests; it asserts nothing. */
const TIME_ms = 600_000;

// Each case makes its schemas anew: compiling them would take most of the time.
z.config({ jitless: true });

const valid = `site: cellar
mqtt: {url: "mqtt://127.0.0.1:1883", username: me, password: s3cr3t}
http:
  port: 0
  allowed_hosts: [a, b]
ping: &p
  interval_s: 60
  anchors: [gateway, 10.0.0.1]
  allowedNetworks:
    - 10.0.0.0/8
snmp:
  profiles:
    home: {version: 2c, community: public-1}
    core:
      version: "3"
      user: me
      key: longenough
`;

const word = fc.oneof(
  fc.constantFrom(
    'ping',
    'snmp',
    'mqtt',
    'site',
    'profiles',
    'home',
    'version',
    '__proto__',
    'constructor',
    'toString',
    '<<',
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(word, tie('value'), { maxKeys: 5 }),
  ),
})).value;

/** Cuts, doubles, moves and overwrites pieces of a text. */
const mutated = fc
  .array(
    fc.tuple(
      fc.nat(valid.length),
      fc.nat(12),
      fc.oneof(word, fc.constantFrom('\t', '*p', '&p', ': ', '- ', '[', '}', '"', '\n', '? ', '!!', '|', '%')),
    ),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((edits) => edits.reduce((text, [at, length, by]) => text.slice(0, at) + by + text.slice(at + length), valid));

const yaml = fc.oneof(
  mutated,
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.dictionary(word, value, { maxKeys: 5 }).map((tree) => new Document(tree).toString()),
);

const name = fc.oneof(
  fc.constantFrom(
    'GUAITA_SITE',
    'GUAITA_SITE_FILE',
    'GUAITA_MQTT_PASSWORD_FILE',
    'GUAITA_PING_SIZES',
    'GUAITA_PING_RATE',
    'GUAITA_PING',
    'GUAITA_SNMP_PROFILES_HOME_COMMUNITY',
    'GUAITA_SNMP_PROFILES_X_Y_VERSION',
    'GUAITA_',
    'GUAITA__',
    'GUAITA_ALERT_X',
    'PATH',
  ),
  word.map((text) => `GUAITA_${text.toUpperCase()}`),
);
const env = fc.dictionary(name, fc.oneof(word, fc.constantFrom('/s', '1', '[1, 2]', '[*a]', 'true')), { maxKeys: 4 });

test(
  'whatever file and variables say, the answer is a configuration or a list of problems',
  () => {
    fc.assert(
      fc.property(yaml, env, (text, variables) => {
        const result = parse({ yaml: text, env: variables, files: { '/s': 'text\n' } });
        if ('config' in result) return;
        expect(result.problems.length).toBeGreaterThan(0);
        expect(new ConfigError(result.problems).message).toMatch(/^(guaita\.yaml:\d+|GUAITA_|default)/);
      }),
      { numRuns: RUNS },
    );
  },
  TIME_ms,
);

const strange = fc
  .stringMatching(/^[a-zA-Z_][a-zA-Z0-9_.-]{0,20}$/)
  .filter(
    (key) => !['interval_s', 'count', 'engine', 'confirm', 'anchors', 'sizes', 'allowedNetworks', 'rate'].includes(key),
  )
  .filter(
    (key) => !/^(monitor|site|data|base|mqtt|http|log|ping|snmp|assign|alert|storage|serf-publisher|broker)$/.test(key),
  )
  .filter(
    (key) =>
      !/^(url|username|password|ca_file|host|port|allowed_hosts|version|user|key|priv_key|community|allowed)$/.test(
        key,
      ),
  );
const places = [
  '',
  'ping:',
  'mqtt:',
  'http:',
  'snmp:\n  profiles:\n    home:\n      version: 2c\n      community: abc',
  'snmp:\n  profiles:\n    home:\n      version: "3"\n      user: me',
];

test(
  'no unknown key is ever passed over in silence, wherever it stands',
  () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), strange, (place, key) => {
        const depth = (place.split('\n').at(-1) ?? '').search(/\S/);
        const indent = ' '.repeat(place === '' ? 0 : place.includes('\n') ? depth : 2);
        const problems = problemsOf({ yaml: `${place}\n${indent}"${key}": 1\n` });
        expect(problems.some((line) => line.includes(key) || line.includes('no name'))).toBe(true);
      }),
      { numRuns: RUNS },
    );
  },
  TIME_ms,
);

test(
  'no unknown variable is ever passed over in silence',
  () => {
    fc.assert(
      fc.property(strange, (key) => {
        const rest = key.toUpperCase().replace(/[^A-Z0-9]/g, '_');
        fc.pre(!/^(SITE|DATA|BASE|MONITOR|CONFIG)(_FILE)?$|^(ASSIGN|ALERT|STORAGE|SERF_PUBLISHER)_/.test(rest));
        expect(problemsOf({ env: { [`GUAITA_${rest}`]: 'x' } })).not.toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  },
  TIME_ms,
);
