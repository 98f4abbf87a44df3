import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter, parseFpingLine } from './fping-output.ts';

// Printed by fping 5.1 of Debian 12 with -C 2 and with -r 0.
const STDOUT = `10.200.0.1        : [0], 64 bytes, 0.045 ms (0.045 avg, 0% loss)
fd00:200::5       : [0], 64 bytes, 0.057 ms (0.057 avg, 0% loss)
10.200.0.1        : [1], 64 bytes, 0.065 ms (0.055 avg, 0% loss)
10.200.0.7    : [0], timed out (NaN avg, 100% loss)
fe80::1%void0 : [1], timed out (NaN avg, 100% loss)
10.200.0.1 : [0], 65008 bytes, 1.21 ms (1.21 avg, 0% loss)
10.200.0.2 : [0], 64 bytes, 12.3 ms (12.3 avg, 0% loss)
10.200.0.2 : [1], 64 bytes, 1234 ms (623 avg, 0% loss)
10.200.0.3 : [0], 64 bytes, 0.031 ms (0.031 avg, 0% loss) [<- 10.200.0.4]
10.200.0.1 is alive
10.200.0.7 is unreachable
`;
const STDERR = `nosuch.invalid: Temporary failure in name resolution
fd00:200::5%lo: Name or service not known

10.200.0.1        : 0.045 0.065
10.200.0.7        : - -
fe80::1%void0 : - 0.5
10.200.0.1 : 0.031
10.200.0.1 : duplicate for [0], 64 bytes, 0.12 ms
10.200.0.1 : xmt/rcv/%loss = 2/2/0%, min/avg/max = 0.022/0.034/0.046
ICMP Host Unreachable from 10.200.0.254 for ICMP Echo sent to 10.200.0.7
ICMP Unreachable (Invalid Code) from fd00::1 for ICMP Echo sent to fd00::2
ICMP Redirect from 10.200.0.254 for ICMP Echo sent to 10.200.0.7
ICMP Source Quench from 10.200.0.254 for ICMP Echo sent to 10.200.0.7
ICMP Time Exceeded from 10.200.0.254 for ICMP Echo sent to 10.200.0.7
ICMP Unreachable (Communication Administratively Prohibited) from 10.200.0.254 for ICMP Echo sent to 10.200.0.7
10.200.0.7: error while sending ping: No route to host
2001:db8::1: error while sending ping: Network is unreachable

       9 targets
       3 alive
       6 unreachable
 0.027 ms (min round trip time)
fping: can't create socket (must run as root?)
`;

const parse = (text: string) => text.split('\n').map(parseFpingLine);

describe('the parser of fping', () => {
  it('reads what fping 5.1 prints to stdout', () => {
    expect(parse(STDOUT)).toEqual([
      { kind: 'reply', target: '10.200.0.1', index: 0, rtt_ms: 0.045 },
      { kind: 'reply', target: 'fd00:200::5', index: 0, rtt_ms: 0.057 },
      { kind: 'reply', target: '10.200.0.1', index: 1, rtt_ms: 0.065 },
      { kind: 'timeout', target: '10.200.0.7', index: 0 },
      { kind: 'timeout', target: 'fe80::1%void0', index: 1 },
      { kind: 'reply', target: '10.200.0.1', index: 0, rtt_ms: 1.21 },
      { kind: 'reply', target: '10.200.0.2', index: 0, rtt_ms: 12.3 },
      { kind: 'reply', target: '10.200.0.2', index: 1, rtt_ms: 1234 },
      { kind: 'reply', target: '10.200.0.3', index: 0, rtt_ms: 0.031 },
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('reads what fping 5.1 prints to stderr', () => {
    expect(parse(STDERR)).toEqual([
      { kind: 'unresolved', target: 'nosuch.invalid', message: 'Temporary failure in name resolution' },
      { kind: 'unresolved', target: 'fd00:200::5%lo', message: 'Name or service not known' },
      undefined,
      { kind: 'summary', target: '10.200.0.1', rtts_ms: [0.045, 0.065] },
      { kind: 'summary', target: '10.200.0.7', rtts_ms: [null, null] },
      { kind: 'summary', target: 'fe80::1%void0', rtts_ms: [null, 0.5] },
      { kind: 'summary', target: '10.200.0.1', rtts_ms: [0.031] },
      undefined,
      undefined,
      { kind: 'icmp', target: '10.200.0.7', message: 'ICMP Host Unreachable from 10.200.0.254' },
      { kind: 'icmp', target: 'fd00::2', message: 'ICMP Unreachable (Invalid Code) from fd00::1' },
      undefined,
      undefined,
      { kind: 'icmp', target: '10.200.0.7', message: 'ICMP Time Exceeded from 10.200.0.254' },
      {
        kind: 'icmp',
        target: '10.200.0.7',
        message: 'ICMP Unreachable (Communication Administratively Prohibited) from 10.200.0.254',
      },
      { kind: 'unsent', target: '10.200.0.7', message: 'No route to host' },
      { kind: 'unsent', target: '2001:db8::1', message: 'Network is unreachable' },
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('gives the same lines however the stream is cut', () => {
    const lines = (STDOUT + STDERR).split('\n').slice(0, -1);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        const splitter = new LineSplitter();
        const given: string[] = [];
        const text = STDOUT + STDERR;
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          const size = sizes[turn % sizes.length]!;
          given.push(...splitter.push(text.slice(at, at + size)));
          at += size;
        }
        expect(given).toEqual(lines);
      }),
    );
  });

  it('drops a line without an end instead of keeping it, and goes on after it', () => {
    const splitter = new LineSplitter();
    for (let chunk = 0; chunk < 1000; chunk += 1) expect(splitter.push('x'.repeat(1000))).toEqual([]);
    expect(splitter.push('x\n10.0.0.1 : 0.1\n')).toEqual(['10.0.0.1 : 0.1']);
    expect(splitter.push(`${'y'.repeat(5000)}\nz\n`)).toEqual(['z']);
  });

  it('takes any of 150,000 broken lines without a crash and without a number that is none', () => {
    const pieces = fc.constantFrom(
      ...[' : ', '[', ']', '], ', ' bytes, ', ' ms', ' (', '-', '0', '1e309', '1e-7', 'NaN', '10.0.0.1', 'fd00::1'],
      ...['timed out', ': error while sending ping: ', 'ICMP ', ' from ', ' for ICMP Echo sent to ', '%', ' ', '\t'],
      ...['\u0000', '\u00ff', '99999999999999999999', '0x10', '+1', '.5', '5.', 'Name or service not known', ': '],
    );
    const sample = fc.constantFrom(...(STDOUT + STDERR).split('\n'));
    const mutated = fc
      .tuple(sample, fc.nat(80), fc.nat(20), pieces)
      .map(([line, at, cut, piece]) => line.slice(0, at) + piece + line.slice(at + cut));
    const built = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(mutated, built, fc.string()), (line) => {
        const parsed = parseFpingLine(line);
        if (parsed === undefined) return;
        if (parsed.target === '' || /\s/.test(parsed.target.replace(/[\t\u0000-\u001f\u0085-\u00a0]/g, ''))) {
          throw new Error(`a target that is none: ${JSON.stringify(parsed)}`);
        }
        const numbers =
          parsed.kind === 'reply'
            ? [parsed.index, parsed.rtt_ms]
            : parsed.kind === 'timeout'
              ? [parsed.index]
              : parsed.kind === 'summary'
                ? parsed.rtts_ms.filter((rtt) => rtt !== null)
                : [];
        for (const number of numbers) {
          if (!Number.isFinite(number) || number < 0) throw new Error(`not a number: ${JSON.stringify(parsed)}`);
        }
      }),
      { numRuns: 150_000 },
    );
  });
});
