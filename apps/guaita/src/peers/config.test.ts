import { parseConfig, problemText, type ConfigResult } from '@guaita/service';
import { expect, test } from 'vitest';
import { peersSection } from './config.ts';

function parse(text: string, env: Record<string, string> = {}): ConfigResult {
  return parseConfig({
    ...{ definitions: [peersSection], file: { name: 'guaita.yaml', text }, env, flags: [], hostName: 'one' },
    readFile: (name) => (name === '/run/secrets/two' ? 's3cret\n' : ''),
  });
}

function problems(text: string): string {
  const result = parse(text);
  return 'problems' in result ? result.problems.map(problemText).join('; ') : '';
}

test('peers are named, and their passwords may come from files and are shown nowhere', () => {
  const text = 'peers:\n  two: { url: "mqtt://two.lan:1883", username: one }\n';
  const result = parse(text, { GUAITA_PEERS_TWO_PASSWORD_FILE: '/run/secrets/two' });
  if (!('config' in result)) throw new Error('it is not taken');
  const { config } = result;
  expect(config.sections['peers']).toEqual({
    two: { url: 'mqtt://two.lan:1883', username: 'one', password: 's3cret' },
  });
  expect(JSON.stringify(config.entries)).not.toContain('s3cret');
  expect(config.secrets).toContain('s3cret');
});

test('without the section there are none', () => {
  const result = parse('');
  expect('config' in result && result.config.sections['peers']).toEqual({});
});

test.each([
  ['no address', 'peers: { two: { username: one } }', /url/],
  ['an address with a password in it', 'peers: { two: { url: "mqtt://one:s3cret@two" } }', /holds a user or password/],
  ['an address of another kind', 'peers: { two: { url: "http://two" } }', /is not a broker’s address/],
  ['a name that is no id', 'peers: { "Two!": { url: "mqtt://two" } }', /Two!|id/],
  ['a field that is none', 'peers: { two: { url: "mqtt://two", user: one } }', /user/],
])('%s is refused', (_, text, message) => {
  expect(problems(text)).toMatch(message);
  expect(problems(text)).not.toContain('s3cret');
});
