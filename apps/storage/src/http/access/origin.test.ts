import { expect, test } from 'vitest';
import { isOwnOrigin } from './origin.ts';

test.each([
  [undefined, 'pi-1.lan:7480', true, 'a program says none'],
  ['http://pi-1.lan:7480', 'pi-1.lan:7480', true, 'our own page'],
  ['http://PI-1.lan:7480', 'pi-1.LAN:7480', true, 'names have no case'],
  ['https://pi-1.lan', 'pi-1.lan', true, 'behind a proxy that takes TLS off'],
  ['http://192.168.1.9:7480', '192.168.1.9:7480', true, 'by address'],
  ['http://[::1]:7480', '[::1]:7480', true, 'by an IPv6 address'],
  ['https://guaita.example', '127.0.0.1:7480', true, 'a configured name, through a proxy that asks for us by address'],
  ['https://guaita.example:8443', '127.0.0.1:7480', false, 'the same name at a port that is not the one asked for'],
  ['http://evil.example', 'pi-1.lan:7480', false, 'a foreign page'],
  ['http://127.0.0.1:3000', '127.0.0.1:7480', false, 'another program of this host'],
  ['http://127.0.0.1', '127.0.0.1:7480', false, 'another program at the usual port'],
  ['http://192.168.1.1', '192.168.1.9:7480', false, 'the page of a router nearby'],
  ['http://pi-1.lan:7480.evil.example', 'pi-1.lan:7480', false, 'a name that begins like ours'],
  ['null', 'pi-1.lan:7480', false, 'a sandboxed frame, or a file'],
  ['chrome-extension://abc', 'abc', false, 'what is no page'],
  ['', 'pi-1.lan:7480', false, 'nothing'],
])('origin %s for host %s is ours: %s (%s)', (origin, host, own, _why) => {
  expect(isOwnOrigin(origin, host, ['guaita.example', '192.168.1.1'])).toBe(own);
});

test.each([
  ['https://pi-1.lan:7480', true, 'our own page'],
  ['http://pi-1.lan:7480', false, 'what somebody on the way has put in its place'],
  ['https://guaita.example', true, 'a configured name, through a proxy that speaks TLS to us as well'],
  ['http://guaita.example', false, 'the same, in the clear'],
  [undefined, true, 'a program says none'],
])('by TLS, origin %s is ours: %s (%s)', (origin, own, _why) => {
  expect(isOwnOrigin(origin, 'pi-1.lan:7480', ['guaita.example'], true)).toBe(own);
});
