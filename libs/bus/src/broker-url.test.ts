import { expect, test } from 'vitest';
import { readBrokerUrl, withoutCredentials } from './broker-url.ts';

test.each([
  ['mqtt://broker', { protocol: 'mqtt', host: 'broker', path: '' }],
  ['mqtt://127.0.0.2:1884', { protocol: 'mqtt', host: '127.0.0.2', port: 1884, path: '' }],
  ['mqtts://[fe80::1]:8884', { protocol: 'mqtts', host: 'fe80::1', port: 8884, path: '' }],
  [
    'mqtt://ada:a%40b%3Ac@broker:1883',
    { protocol: 'mqtt', host: 'broker', port: 1883, path: '', username: 'ada', password: 'a@b:c' },
  ],
  ['mqtt+unix:///run/a%20b/mosquitto.sock', { protocol: 'mqtt+unix', host: '', path: '/run/a b/mosquitto.sock' }],
  ['wss://broker/mqtt?a=b', { protocol: 'wss', host: 'broker', path: '/mqtt?a=b' }],
])('%s is read', (url, address) => {
  expect(readBrokerUrl(url)).toEqual(address);
});

test.each([
  ...['', 'broker', 'broker:1883', 'mqtt://', 'mqtt://broker:99999', 'mqtt://%zz@broker', 'http://broker'],
  ...['mqtt+unix://', 'mqtt+unix:///', 'mqtt+unix://run/mosquitto.sock', 'mqtt+unix:///%zz'],
])('"%s" is no address', (url) => {
  expect(() => readBrokerUrl(url)).toThrow();
});

test('who is asked for is shown, and not by whom', () => {
  expect(withoutCredentials('mqtt://ada:secret@broker:1883')).toBe('mqtt://broker:1883');
  expect(withoutCredentials('ada:se@cret@broker')).toBe('broker');
});
