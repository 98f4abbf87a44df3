import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { startSnmpd, type Snmpd } from '@guaita/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatagramError, readAnswer } from './datagram.ts';
import { NetSnmpSession } from './net-snmp-session.ts';
import { snmp } from './net-snmp.ts';
import { SnmpError } from './session.ts';
import { UdpSockets } from './udp.ts';

/** A generator of numbers in [0, 2^32) from a seed (mulberry32), so that a failure can be replayed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Changes a datagram in one to four places: octets, lengths, cuts, doublings, insertions. */
function mutate(original: Buffer, next: () => number): Buffer {
  let mutated = Buffer.from(original);
  for (let change = next() % 4; change >= 0; change -= 1) {
    const at = next() % Math.max(1, mutated.length);
    switch (next() % 6) {
      case 0:
        mutated[at] = next() & 0xff;
        break;
      case 1:
        mutated[at] = (mutated[at] ?? 0) ^ (1 << (next() % 8));
        break;
      case 2:
        mutated = mutated.subarray(0, at);
        break;
      case 3:
        mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(at - (next() % 20))]);
        break;
      case 4:
        mutated[at] = [0x00, 0x7f, 0x80, 0x81, 0x84, 0xff][next() % 6]!;
        break;
      default:
        mutated = Buffer.concat([mutated.subarray(0, at), Buffer.of(next() & 0xff), mutated.subarray(at)]);
    }
  }
  return mutated;
}

/** Real answers of snmpd, caught on their way: version 1, 2c, 3 with and without encryption, a Report. */
const answers: Buffer[] = [];
const ASKED = ['1.3.6.1.2.1.1.3.0', '1.3.6.1.2.1.1.1.0', '1.3.6.1.2.1.31.1.1.1.6.1', '1.3.6.1.2.1.1.2.0'];
let snmpd: Snmpd;
let relay: Socket;
/** What the relay sends in place of an answer. */
let tamper: (answer: Buffer) => readonly Buffer[] = (answer) => [answer];

beforeAll(async () => {
  snmpd = await startSnmpd({
    users: [
      {
        name: 'fuzz',
        auth: { protocol: 'SHA-256', password: 'auth-password' },
        priv: { protocol: 'AES', password: 'priv-password' },
      },
      { name: 'open' },
    ],
  });
  relay = createSocket('udp4');
  relay.bind(0, '127.0.0.1');
  await once(relay, 'listening');
  let asker = 0;
  relay.on('message', (datagram, { port }) => {
    if (port !== snmpd.port) {
      asker = port;
      relay.send(datagram, snmpd.port, '127.0.0.1');
      return;
    }
    for (const answer of tamper(datagram)) relay.send(answer, asker, '127.0.0.1');
  });
});

afterAll(async () => {
  relay.close();
  await snmpd.stop();
});

const VERSION_3 = {
  version: '3',
  user: 'fuzz',
  context: '',
  auth: { protocol: 'sha256', password: 'auth-password' },
  priv: { protocol: 'aes', password: 'priv-password' },
} as const;
const OPEN_3 = { version: '3', user: 'open', context: '' } as const;
const CREDENTIALS = [
  { version: '1', community: 'public' },
  { version: '2c', community: 'public' },
  OPEN_3,
  VERSION_3,
] as const;

function open(sockets: UdpSockets, credentials: (typeof CREDENTIALS)[number], timeout_ms: number, retries = 0) {
  return new NetSnmpSession({
    address: '127.0.0.1',
    port: relay.address().port,
    credentials,
    timeout_ms,
    retries,
    sockets,
  });
}

describe('hostile datagrams', () => {
  const sockets = new UdpSockets(() => undefined);
  afterAll(() => sockets.close());

  beforeAll(async () => {
    tamper = (answer) => {
      answers.push(answer);
      return [answer];
    };
    for (const credentials of CREDENTIALS) {
      const session = open(sockets, credentials, 3000);
      await session.get(['1.3.6.1.2.1.1.3.0']);
      const next = await session.getNext(ASKED);
      expect(next).toHaveLength(ASKED.length);
      if (session.version !== '1') await session.getBulk(['1.3.6.1.2.1.1.3', '1.3.6.1.2.1.2.2.1'], 1, 30);
      session.close();
    }
  });

  it('are as they should be when they come from snmpd', () => {
    const read = answers.map(readAnswer);
    expect(new Set(read.map(({ version }) => version))).toEqual(new Set([0, 1, 3]));
    expect(read.some(({ report }) => report)).toBe(true);
    expect(read.some(({ flags }) => flags === 3)).toBe(true);
  });

  it('are read to their end or refused, 100,000 of them, and what passes is what net-snmp reads too', () => {
    const library = snmp as unknown as {
      createSession: (
        target: string,
        community: string,
        options: object,
      ) => { onMsg(datagram: Buffer): void; close(): void };
    };
    const seed = 20_261_122;
    const next = generator(seed);
    let passed = 0;
    let refused = 0;
    const inner = { on: () => undefined, unref: () => undefined, close: () => undefined };
    const session = library.createSession('127.0.0.1', 'public', { dgramModule: { createSocket: () => inner } });
    (session as unknown as { on(event: string, listener: (error: Error) => void): void }).on('error', (error) => {
      // Anything else would be a mistake in the library that the check lets through.
      expect(`${error.name} ${error.message}`).toMatch(/Integer not representable|outside|is not an integer/);
    });
    for (let turn = 0; turn < 100_000; turn += 1) {
      const datagram = mutate(answers[turn % answers.length]!, next);
      try {
        const { message, flags } = readAnswer(datagram);
        passed += 1;
        expect(message.length).toBeLessThanOrEqual(datagram.length);
        // The library reads it without any request waiting: it must not throw.
        if ((flags & 2) === 0) session.onMsg(message);
      } catch (error) {
        if (!(error instanceof DatagramError)) throw new Error(`seed ${seed}, turn ${turn}`, { cause: error });
        refused += 1;
      }
    }
    session.close();
    expect(passed + refused).toBe(100_000);
    expect(refused).toBeGreaterThan(50_000);
    expect(passed).toBeGreaterThan(1000);
  });

  it('do no harm through a real socket, thousands of them, in answer to every version of request', async () => {
    const next = generator(7);
    const truth = new Map<string, string>();
    const seen: string[] = [];
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
    let sent = 0;
    for (const credentials of CREDENTIALS) {
      tamper = (answer) => [answer];
      const session = open(sockets, credentials, 3000);
      const [honest] = await session.get(['1.3.6.1.2.1.1.2.0']);
      truth.set(credentials.version, String(honest?.value));
      tamper = (answer) => {
        const mutants = Array.from({ length: 12 }, () => mutate(answer, next));
        sent += mutants.length;
        return mutants;
      };
      const fuzzed = open(sockets, credentials, 30);
      for (let turn = 0; turn < 60; turn += 1) {
        try {
          const varbinds = await fuzzed.get(['1.3.6.1.2.1.1.2.0']);
          seen.push(
            `${credentials.version === '3' && 'auth' in credentials} ${varbinds[0]?.oid} ${String(varbinds[0]?.value)}`,
          );
        } catch (error) {
          if (!(error instanceof SnmpError)) throw error;
          expect(error.message).not.toMatch(/public|auth-password|priv-password/);
        }
      }
      session.close();
      fuzzed.close();
    }
    process.off('unhandledRejection', note);
    process.off('uncaughtException', note);
    expect(unhandled).toEqual([]);
    expect(sent).toBeGreaterThan(2000);
    // What was authenticated cannot have been changed; what was not is of the object asked for at least.
    for (const line of seen) expect(line).toContain(' 1.3.6.1.2.1.1.2.0 ');
    expect(seen.filter((line) => line.startsWith('true ') && !line.endsWith(truth.get('3')!))).toEqual([]);
    // Most of its requests go unanswered, and each waits for that.
  }, 240_000);

  it('without the protection that was asked for are not believed', async () => {
    tamper = (answer) => [answer];
    const session = open(sockets, VERSION_3, 300);
    await session.get(['1.3.6.1.2.1.1.3.0']);
    // Caught from the user without keys: well formed, of the right version, not authenticated.
    const unprotected = answers.find((answer) => {
      const { version, flags, report } = readAnswer(answer);
      return version === 3 && flags === 0 && !report;
    })!;
    tamper = () => [unprotected];
    await expect(session.get(['1.3.6.1.2.1.1.3.0'])).rejects.toThrow(/has not the protection that was asked for/);
    session.close();
  });

  it('from anybody but the agent never arrive', async () => {
    const stranger = createSocket('udp4');
    stranger.bind(0, '127.0.0.1');
    await once(stranger, 'listening');
    const agent = createSocket('udp4');
    agent.bind(0, '127.0.0.1');
    await once(agent, 'listening');
    sockets.send(Buffer.from('hello'), '127.0.0.1', agent.address().port, () => undefined);
    const [, { port }] = (await once(agent, 'message')) as [Buffer, { port: number }];
    const arrived: Buffer[] = [];
    const stop = sockets.listen('127.0.0.1', agent.address().port, (datagram) => arrived.push(datagram));
    stranger.send(answers[0]!, port, '127.0.0.1');
    agent.send(answers[1]!, port, '127.0.0.1');
    await expect.poll(() => arrived.length).toBe(1);
    expect(arrived[0]).toEqual(answers[1]);
    stop();
    stranger.close();
    agent.close();
  });
});
