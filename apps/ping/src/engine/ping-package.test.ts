import { describe, expect, it } from 'vitest';
import { resultOfPing } from './ping-package.ts';

// Printed by iputils 20221126.
const REPLIES = `PING 10.200.0.1 (10.200.0.1) 56(84) bytes of data.
64 bytes from 10.200.0.1: icmp_seq=1 ttl=64 time=0.045 ms
64 bytes from 10.200.0.1: icmp_seq=3 ttl=64 time=1203 ms
64 bytes from 10.200.0.1: icmp_seq=3 ttl=64 time=0.1 ms (DUP!)

--- 10.200.0.1 ping statistics ---
3 packets transmitted, 2 received, 33.3333% packet loss, time 506ms
rtt min/avg/max/mdev = 0.045/0.045/0.045/0.000 ms
`;
const UNREACHABLE = `PING 192.168.1.77 (192.168.1.77) 56(84) bytes of data.
From 192.168.1.7 icmp_seq=1 Destination Host Unreachable

--- 192.168.1.77 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
`;
const GERMAN = `PING 10.0.0.1 (10.0.0.1) 56(84) Bytes an Daten.
64 Bytes von 10.0.0.1: icmp_seq=1 ttl=64 Zeit=0,034 ms

--- 10.0.0.1 ping-Statistik ---
1 Pakete übertragen, 1 empfangen, 0% packet loss, time 0ms
`;

describe('the output of ping', () => {
  it('gives each request its round trip, in its place; late replies are lost', () => {
    expect(resultOfPing(REPLIES, 3, 1000)).toEqual({ rtts_ms: [0.045, null, 0.1] });
    expect(resultOfPing(REPLIES, 3, 2000)).toEqual({ rtts_ms: [0.045, null, 1203] });
  });

  it('is read in other languages too', () => {
    expect(resultOfPing(GERMAN, 1, 1000)).toEqual({ rtts_ms: [0.034] });
  });

  it('keeps what the network said', () => {
    expect(resultOfPing(UNREACHABLE, 1, 1000)).toEqual({
      rtts_ms: [null],
      detail: 'Destination Host Unreachable from 192.168.1.7',
    });
  });

  it('takes no redirect for a reason of a silence', () => {
    const output = UNREACHABLE.replace(/^From.*$/m, 'From 192.168.1.7 icmp_seq=1 Redirect Host(New nexthop: gate)');
    expect(resultOfPing(output, 1, 1000)).toEqual({ rtts_ms: [null] });
  });

  it('is unknown where ping was ended before it had sent all requests', () => {
    expect(resultOfPing(UNREACHABLE, 3, 1000)).toMatchObject({ unknown: expect.any(String) as string });
  });

  it('is unknown where nothing was sent, but for a missing route', () => {
    expect(resultOfPing('ping: connect: Network is unreachable\n', 2, 1000)).toEqual({
      rtts_ms: [null, null],
      detail: 'no route: connect: Network is unreachable',
      unsent: true,
    });
    expect(resultOfPing('ping: socket: Operation not permitted\n', 2, 1000)).toEqual({
      unknown: 'the request could not be sent: socket: Operation not permitted',
    });
    expect(resultOfPing('', 2, 1000)).toMatchObject({ unknown: expect.any(String) as string });
  });
});
