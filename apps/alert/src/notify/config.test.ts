import { parseConfig, problemText, type ConfigResult } from '@guaita/service';
import { describe, expect, it } from 'vitest';
import { alertConfig, type AlertConfig } from '../config.ts';
import { receiverOf } from './config.ts';

const SECRET = 'tk-4711-hidden';
const definitions = [{ name: 'alert', config: alertConfig }];

function parse(text: string, env: Record<string, string> = {}): ConfigResult {
  const file = { name: 'guaita.yaml', text };
  return parseConfig({
    definitions,
    file,
    env,
    flags: [],
    hostName: 'one',
    readFile: () => `https://example.net/${SECRET}\n`,
  });
}

function read(text: string, env: Record<string, string> = {}): AlertConfig {
  const result = parse(text, env);
  if (!('config' in result)) throw new Error(result.problems.map(problemText).join('\n'));
  return result.config.sections['alert'] as AlertConfig;
}

function complaints(text: string): string {
  const result = parse(text);
  return 'config' in result ? '' : result.problems.map(problemText).join('\n');
}

describe('alert.notify', () => {
  it('is nobody by default', () => {
    expect(read('')).toMatchObject({ notify: {} });
    expect(read('').heartbeat).toBeUndefined();
  });

  it('takes the address and headers from files and variables, and never shows them', () => {
    const text = 'alert: { notify: { on-call: { type: ntfy, headers: { authorization: x } } } }';
    const env = {
      GUAITA_ALERT_NOTIFY_ON_CALL_URL_FILE: '/run/secrets/ntfy',
      GUAITA_ALERT_NOTIFY_ON_CALL_HEADERS_AUTHORIZATION: `Bearer ${SECRET}`,
    };
    expect(read(text, env).notify['on-call']).toMatchObject({
      ...{ url: `https://example.net/${SECRET}`, headers: { authorization: `Bearer ${SECRET}` } },
      ...{ after_s: 0, resolves: true, per_minute: 60 },
    });
    const result = parse(text, env);
    if (!('config' in result)) throw new Error('should be right');
    expect(result.config.secrets).toEqual(
      expect.arrayContaining([`https://example.net/${SECRET}`, `Bearer ${SECRET}`]),
    );
    expect(JSON.stringify(result.config.entries)).not.toContain(SECRET);
  });

  it('takes the key of a Serf agent from a file, and never shows it', () => {
    const text = 'alert: { notify: { neighbours: { type: serf, severities: [critical] } } }';
    const env = { GUAITA_ALERT_NOTIFY_NEIGHBOURS_KEY_FILE: '/run/secrets/serf' };
    expect(read(text).notify['neighbours']).toMatchObject({ agent: '127.0.0.1:7373', resolves: true });
    expect(read(text, env).notify['neighbours']).toMatchObject({ key: `https://example.net/${SECRET}` });
    const result = parse(text, env);
    if (!('config' in result)) throw new Error('should be right');
    expect(result.config.secrets).toContain(`https://example.net/${SECRET}`);
    expect(JSON.stringify(result.config.entries)).not.toContain(SECRET);
  });

  it('makes rules of what is written', () => {
    const { notify } = read(`
alert:
  notify:
    phone:
      { type: webhook, url: 'https://example.net/', severities: [critical], times: ['mon-fri 08:00-18:00'], zone: UTC, after_s: 900, remind_s: 14400 }
`);
    const receiver = receiverOf('phone', notify['phone']!);
    expect(receiver).toMatchObject({ name: 'phone', after_ms: 900_000, remind_ms: 14_400_000, kinds: undefined });
    expect(receiver.times.openFor_ms(Date.parse('2026-03-02T07:00:00Z'))).toBeUndefined();
  });

  it.each([
    [`{ type: ntfy, url: '${SECRET}' }`, 'alert.notify.phone.url: is no web address; give one like'],
    [`{ type: ntfy, url: 'ftp://${SECRET}/x' }`, 'alert.notify.phone.url: is no web address; give one like'],
    [
      `{ type: ntfy, url: 'https://me:${SECRET}@ntfy.sh/x' }`,
      'alert.notify.phone.url: holds a user or password; give them',
    ],
    [
      `{ type: ntfy, url: 'https://ntfy.sh/' }`,
      'alert.notify.phone.type: ntfy needs a topic at the end of its url; give',
    ],
    ['{ type: ntfy }', 'alert.notify.phone.url: is missing'],
    ['{ type: pager, url: "https://x/y" }', 'alert.notify.phone.type: "pager" is not known here'],
    ['{ type: ntfy, url: "https://x/y", template: "{txt}" }', '{txt} stands for nothing; did you mean {text}?'],
    ['{ type: webhook, url: "https://x/y", template: "{text}" }', 'makes no JSON; put placeholders between quotes'],
    ['{ type: webhook, url: "https://x/y", title: x }', 'alert.notify.phone.title: belongs to ntfy and Apprise'],
    ['{ type: ntfy, url: "https://x/y", times: ["8-18"] }', 'alert.notify.phone.times[0]: is no time; give one like'],
    ['{ type: ntfy, url: "https://x/y", zone: Mars }', 'alert.notify.phone.zone: is no time zone; give one like'],
    ['{ type: ntfy, url: "https://x/y", remind: 4h }', 'alert.notify.phone.remind: unknown key'],
    ['{ type: ntfy, url: "https://x/y", kinds: [dwon] }', 'alert.notify.phone.kinds[0]: '],
    [
      '{ type: ntfy, url: "https://x/y", headers: { "a b": x } }',
      'is not a name that fits here; give the name of a header',
    ],
    ['{ type: ntfy, url: "https://x/y", headers: { Host: x } }', 'is not a name that fits here; leave it out'],
    ['{ type: webhook, url: "https://x/y", content_type: "a\\nb" }', 'alert.notify.phone.content_type: '],
    [`{ type: serf, agent: 'a b' }`, 'alert.notify.phone.agent: is not the address of an agent; give one like'],
    [`{ type: serf, key: '${SECRET}', url: 'https://x/y' }`, 'alert.notify.phone.url: '],
    [`{ type: serf, key: '${SECRET}', severities: [bad] }`, 'alert.notify.phone.severities[0]: '],
  ])('%s is refused with what to do', (text, complaint) => {
    const said = complaints(`alert: { notify: { phone: ${text} } }`);
    expect(said).toContain(complaint);
    expect(said).toMatch(/^guaita\.yaml:1 /);
    expect(said).not.toContain(SECRET);
  });

  it('keeps the address of the heartbeat to itself, too', () => {
    expect(read('alert: { heartbeat: { url: "https://hc.example.net/x" } }').heartbeat).toMatchObject({ every_s: 60 });
    expect(complaints(`alert: { heartbeat: { url: "${SECRET}" } }`)).not.toContain(SECRET);
  });
});
