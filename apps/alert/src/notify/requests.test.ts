import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebReceiver } from './config.ts';
import { keyOf, type Notification } from './notification.ts';
import { makesJson, ntfyPlace, requestFor } from './requests.ts';
import { fillIn, templateFault } from './template.ts';
import { alertOf } from './world.testdata.ts';

function notification(change: Partial<Notification> = {}): Notification {
  return { key: 'x-begin', event: 'begin', monitor: 'pi-1', alert: alertOf('x'), ...change };
}

function bodyFor(config: object, change: Partial<Notification> = {}): Record<string, unknown> {
  const way = WebReceiver.parse({ url: 'https://example.net/topic', ...config });
  return JSON.parse(requestFor(way, notification(change)).body) as Record<string, unknown>;
}

describe('what is sent', () => {
  it('to a webhook is the alert with its key, by which it is told from others', () => {
    const way = WebReceiver.parse({
      type: 'webhook',
      url: 'https://example.net/hook',
      headers: { authorization: 'Bearer t' },
    });
    const { url, headers, body } = requestFor(way, notification());
    expect(url).toBe('https://example.net/hook');
    expect(headers).toEqual({
      'idempotency-key': 'x-begin',
      'content-type': 'application/json',
      authorization: 'Bearer t',
    });
    expect(JSON.parse(body)).toEqual({ key: 'x-begin', event: 'begin', monitor: 'pi-1', ...alertOf('x') });
  });

  it('to ntfy goes to the topic’s server, with a priority by severity, and a repeat takes the place of the first', () => {
    const way = WebReceiver.parse({ type: 'ntfy', url: 'https://ntfy.example.net/guaita-alerts' });
    expect(requestFor(way, notification()).url).toBe('https://ntfy.example.net/');
    expect(bodyFor({ type: 'ntfy' })).toEqual({
      ...{ topic: 'topic', title: 'critical: Device x', message: 'Device x is down', priority: 5 },
      ...{ tags: ['rotating_light'], sequence_id: 'x-begin' },
    });
    expect(bodyFor({ type: 'ntfy' }, { event: 'end' })).toMatchObject({
      ...{ title: 'over: Device x', priority: 3, tags: ['white_check_mark'] },
    });
    const long = bodyFor({ type: 'ntfy' }, { alert: alertOf('x', { text: 'ä'.repeat(5000) }) })['message'] as string;
    expect(Buffer.byteLength(long)).toBeLessThan(4096);
    expect(long).toMatch(/^ä+…$/);
  });

  it('to Apprise has its types, and what it answers otherwise than others is known', () => {
    expect(bodyFor({ type: 'apprise', title: '{name} ({event})' }, { event: 'reminder' })).toEqual({
      ...{ title: 'Device x (reminder)', body: 'Device x is down', type: 'failure', format: 'text' },
    });
    expect(bodyFor({ type: 'apprise' }, { event: 'end' })).toMatchObject({ type: 'success' });
    const { meanings } = requestFor(WebReceiver.parse({ type: 'apprise', url: 'http://a/notify/k' }), notification());
    expect([meanings?.[204]?.is, meanings?.[424]?.is]).toEqual(['refused', 'failed']);
  });

  it('is read at ntfy by the last level of its address', () => {
    expect(ntfyPlace('https://ntfy.sh/up')).toEqual({ server: 'https://ntfy.sh/', topic: 'up' });
    expect(ntfyPlace('https://host/%zz').topic).toBe('%zz');
    expect(ntfyPlace('https://host/ntfy/up/')).toEqual({ server: 'https://host/ntfy', topic: 'up' });
  });
});

describe('a template', () => {
  it('names what it may, and says what it does not know', () => {
    expect(templateFault('{name} is {severity} since {since}: {text} {"a": 1} {}')).toBeUndefined();
    expect(templateFault('{sevrity}')).toBe('{sevrity} stands for nothing; did you mean {severity}?');
    expect(templateFault('{env}')).toMatch(/^\{env\} stands for nothing; /);
    expect(templateFault('{constructor}')).toMatch(/^\{constructor\} stands for nothing; /);
  });

  it('is never filled in twice', () => {
    const alert = alertOf('x', { text: '{key} $& $1', name: '{text}' });
    expect(fillIn('{name}: {text}', notification({ alert }))).toBe('{text}: {key} $& $1');
  });

  it('of a webhook makes JSON whatever the alert says', { timeout: 60_000 }, () => {
    const template = '{"content": "{name}: {text}", "fields": [{"tags": "{tags}"}]}';
    expect(makesJson(template)).toBe(true);
    const way = WebReceiver.parse({ type: 'webhook', url: 'https://example.net/', template });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, name) => {
        const { body } = requestFor(way, notification({ alert: alertOf('x', { text, name }) }));
        expect(JSON.parse(body)).toMatchObject({ content: `${name}: ${text}` });
      }),
    );
  });

  it.each<[string, string, string, string]>([
    ['application/JSON', '{"a": "{name}"}', 'a"b\n', '{"a": "a\\"b\\n"}'],
    [
      'application/x-www-form-urlencoded',
      'to=ada&text={name}',
      'a&to=eve %\n\ud800',
      'to=ada&text=a%26to%3Deve%20%25%0A%EF%BF%BD',
    ],
    ['text/xml; charset=utf-8', '<a b="{name}"/>', '"><c>&\'', '<a b="&#34;&#62;&#60;c&#62;&#38;&#39;"/>'],
  ])('of %s holds a name as a value, whatever that is', (content_type, template, name, body) => {
    const way = WebReceiver.parse({ type: 'webhook', url: 'https://example.net/', template, content_type });
    expect(requestFor(way, notification({ alert: alertOf('x', { name }) })).body).toBe(body);
  });

  it('of another type stands as it is', () => {
    const way = WebReceiver.parse({
      ...{ type: 'webhook', url: 'https://example.net/', template: '{severity} "{name}"', content_type: 'text/plain' },
      headers: { 'Idempotency-Key': 'mine' },
    });
    const { headers, body } = requestFor(way, notification());
    expect(headers).toEqual({ 'content-type': 'text/plain', 'idempotency-key': 'mine' });
    expect(body).toBe('critical "Device x"');
  });
});

it('has a key by which a repeat is known, and nothing else', () => {
  expect(keyOf('0a', { event: 'begin', round: 1, reminder: 0 })).toBe('0a-begin');
  expect(keyOf('0a', { event: 'reminder', round: 1, reminder: 2 })).toBe('0a-reminder-2');
  expect(keyOf('0a', { event: 'end', round: 3, reminder: 0 })).toBe('0a-3-end');
});
