import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { text } from './bytes.ts';
import { AntidoteClient, type ClientOptions } from './client.ts';
import { object } from './crdt.ts';
import { AntidoteDouble, type DoubleOptions, type Fault } from './double/antidote-double.ts';
import {
  ConnectionClosedError,
  NotConnectedError,
  ProtocolError,
  RequestTimeoutError,
  ServerError,
  TransactionAbortedError,
} from './errors.ts';
import { assign, increment } from './update.ts';
import { encodeFrame } from './wire/frames.ts';

const register = object('register_lww', 'r', 'b');
const counter = object('counter_pn', 'c', 'b');

/** Long beside what the double takes, short for who waits for the test. */
const SHORT_ms = 300;

describe('a client', { timeout: 30_000 }, () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function startDouble(options?: DoubleOptions): Promise<AntidoteDouble> {
    const double = new AntidoteDouble(options);
    await double.start();
    ends.push(() => double.stop());
    return double;
  }

  function startClient(
    doubles: readonly [AntidoteDouble, ...AntidoteDouble[]],
    options: Partial<ClientOptions> = {},
  ): AntidoteClient {
    const [first, ...others] = doubles.map(({ address }) => address);
    const client = new AntidoteClient({ addresses: [first ?? '', ...others], random: () => 0, ...options });
    client.start();
    ends.push(() => client.stop());
    return client;
  }

  /** Lets one request of a kind, the next one, meet a fault. */
  function once(double: AntidoteDouble, kind: string, fault: Fault): void {
    double.fault = (request) => {
      if (request.kind !== kind) return undefined;
      double.fault = undefined;
      return fault;
    };
  }

  test('puts answers together that come byte by byte', async () => {
    const client = startClient([await startDouble({ piece_bytes: 1 })]);
    await client.update([assign(register, 'in pieces'), increment(counter, 2n ** 33n)]);
    const [value, count] = await client.read([register, counter]);
    expect(text(value)).toBe('in pieces');
    expect(count).toBe(2n ** 33n);
  });

  test('gives up the connection when an answer is late, so that it is nobody else’s', async () => {
    const double = await startDouble();
    const client = startClient([double], { requestTimeout_ms: SHORT_ms });
    await client.update([assign(register, 'old'), increment(counter, 7)]);
    once(double, 'static read', { kind: 'late', by_ms: 2 * SHORT_ms });
    const late = client.read([register]);
    const behind = client.read([counter]);
    await expect(late).rejects.toThrow(RequestTimeoutError);
    await expect(behind).rejects.toThrow(ConnectionClosedError);
    expect(await client.read([counter])).toEqual([7n]);
    await pause(3 * SHORT_ms);
    expect(await client.read([counter])).toEqual([7n]);
  });

  test('fails every request that waits for a server that never answers, and reconnects', async () => {
    const double = await startDouble();
    const client = startClient([double], { requestTimeout_ms: SHORT_ms });
    once(double, 'static read', { kind: 'silent' });
    const requests = await Promise.allSettled([client.read([register]), client.read([register]), client.begin()]);
    expect(requests.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(text((await client.read([register]))[0])).toBe('');
  });

  test('says that it does not know whether an update was made when the connection ends', async () => {
    const double = await startDouble();
    const client = startClient([double]);
    once(double, 'static update', { kind: 'close', carriedOut: true });
    await expect(client.update([assign(register, 'x')])).rejects.toThrow(ConnectionClosedError);
    expect(text((await client.read([register]))[0])).toBe('x');
  });

  test('reconnects to a server that was away, and tells so', async () => {
    const double = await startDouble();
    const told: string[] = [];
    const client = startClient([double], {
      pauses: () => [50].values(),
      onConnected: () => told.push('connected'),
      onDisconnected: () => told.push('disconnected'),
    });
    await client.read([register]);
    await double.stop();
    await expect(client.read([register], { timeout_ms: SHORT_ms })).rejects.toThrow(
      /no server within|closed the connection/,
    );
    await double.start();
    await client.read([register]);
    expect(told).toEqual(['connected', 'disconnected', 'connected']);
  });

  test('says what kept it from connecting', async () => {
    const double = await startDouble();
    await double.stop();
    const client = startClient([double]);
    const error = (await client
      .read([register], { timeout_ms: SHORT_ms })
      .catch((failure: unknown) => failure)) as Error;
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(String(error.cause)).toContain('ECONNREFUSED');
  });

  test('takes the next server when one fails', async () => {
    const store = (await startDouble()).store;
    const first = await startDouble({ store });
    const second = await startDouble({ store });
    const client = startClient([first, second]);
    await client.update([assign(register, 'x')]);
    expect(first.requests).toHaveLength(1);
    await first.stop();
    await expect.poll(() => second.connections).toBe(1);
    expect(text((await client.read([register]))[0])).toBe('x');
    expect(second.requests).toHaveLength(1);
    client.reconnect('tried and found wanting');
    await first.start();
    await expect.poll(() => first.connections).toBe(1);
  });

  test('is told apart from a server that does not speak the protocol', async () => {
    const double = await startDouble();
    const client = startClient([double]);
    const garbage: Fault = { kind: 'bytes', bytes: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') };
    once(double, 'static read', garbage);
    const error = (await client.read([register]).catch((failure: unknown) => failure)) as Error;
    expect(error).toBeInstanceOf(ConnectionClosedError);
    expect(error.cause).toBeInstanceOf(ProtocolError);
    expect(error.message).toContain('a frame of 1213486160 bytes was announced');
  });

  test.each([
    ['the answer to something else', encodeFrame({ code: 111, body: Buffer.from([8, 1]) }), /code 128 was due, 111/],
    ['a body that is cut off', encodeFrame({ code: 128, body: Buffer.from([0x0a, 0x20, 1]) }), /static read is not as/],
    ['too few values', encodeFrame({ code: 128, body: Buffer.from('0a0208011203080112', 'hex') }), /static read/],
    ['an empty frame', Buffer.alloc(4), /without a message code/],
  ])('refuses %s', async (_, bytes, message) => {
    const double = await startDouble();
    const client = startClient([double]);
    once(double, 'static read', { kind: 'bytes', bytes });
    await expect(client.read([register])).rejects.toThrow(message);
    expect(text((await client.read([register]))[0])).toBe('');
  });

  test('refuses an answer that nothing had asked for', async () => {
    const double = await startDouble();
    const reasons: string[] = [];
    const client = startClient([double], { onDisconnected: (reason) => reasons.push(reason.message) });
    const twice = Buffer.concat([1, 2].map(() => encodeFrame({ code: 127, body: Buffer.from('08011200', 'hex') })));
    once(double, 'static update', { kind: 'bytes', bytes: twice });
    await client.update([assign(register, 'x')]);
    await expect.poll(() => reasons).toEqual(['an answer came that nothing had asked for']);
  });

  test('refuses an answer larger than allowed', async () => {
    const client = startClient([await startDouble()], { largestAnswer_bytes: 1000 });
    await client.update([assign(register, 'x'.repeat(2000))]);
    await expect(client.read([register])).rejects.toThrow(/at most 1000 are taken/);
  });

  test('shows an error code, and the first line of the stack trace', async () => {
    const double = await startDouble();
    const client = startClient([double]);
    const trace = 'error: {badarg,[{erlang,binary_to_term,[<<>>]}]}\n[{antidote_pb_process,from_bin,1}]\n';
    once(double, 'static read', { kind: 'error', code: 0, trace });
    const error = (await client.read([register]).catch((failure: unknown) => failure)) as ServerError;
    expect(error).toBeInstanceOf(ServerError);
    expect(error.message).toBe('static read: the server failed: error: {badarg,[{erlang,binary_to_term,[<<>>]}]}');
    expect(error.trace).toBe(trace);
    once(double, 'static read', { kind: 'error', code: 2, trace: '' });
    await expect(client.read([register])).rejects.toThrow('static read: the server does not allow it');
  });

  test('tries an aborted update again, as often as it was told', async () => {
    const double = await startDouble();
    const client = startClient([double], { abortRetries: 2 });
    let aborts = 2;
    double.fault = () => (aborts-- > 0 ? { kind: 'error', code: 3, trace: '' } : undefined);
    await client.update([increment(counter)]);
    expect(await client.read([counter])).toEqual([1n]);
    aborts = 3;
    await expect(client.update([increment(counter)])).rejects.toThrow(TransactionAbortedError);
    expect(await client.read([counter])).toEqual([1n]);
  });

  test('stops waiting when its signal says so, and passes the answer over', async () => {
    const double = await startDouble();
    const client = startClient([double]);
    await client.update([increment(counter, 4)]);
    once(double, 'static read', { kind: 'late', by_ms: SHORT_ms });
    const gone = new AbortController();
    const read = client.read([register], { signal: gone.signal });
    const next = client.read([counter]);
    gone.abort(new Error('no longer wanted'));
    await expect(read).rejects.toThrow('no longer wanted');
    expect(await next).toEqual([4n]);
    await expect(client.read([counter], { signal: gone.signal })).rejects.toThrow('no longer wanted');
  });

  test('an interactive transaction ends with its connection', async () => {
    const double = await startDouble();
    const client = startClient([double]);
    const transaction = await client.begin();
    double.cut();
    await expect.poll(() => double.connections).toBe(1);
    await expect(transaction.update([increment(counter)])).rejects.toThrow(ConnectionClosedError);
  });

  test('does nothing before it is started, and nothing after it is stopped', async () => {
    const double = await startDouble();
    const client = new AntidoteClient({ addresses: [double.address] });
    await expect(client.read([register])).rejects.toThrow(/call start/);
    client.start();
    once(double, 'static read', { kind: 'silent' });
    const waiting = client.read([register]);
    await expect.poll(() => double.requests).toHaveLength(1);
    await Promise.all([expect(waiting).rejects.toThrow(ConnectionClosedError), client.stop()]);
    await expect(client.read([register])).rejects.toThrow(NotConnectedError);
    await expect.poll(() => double.connections).toBe(0);
  });

  test('ends a wait for a connection when it is stopped', async () => {
    const double = await startDouble();
    await double.stop();
    const client = startClient([double]);
    const waiting = client.read([register]);
    await Promise.all([expect(waiting).rejects.toThrow(NotConnectedError), client.stop()]);
  });

  test('refuses an address that is none', () => {
    expect(() => new AntidoteClient({ addresses: ['http://db:8087/'] })).toThrow(
      '"http://db:8087/" is not the address of a server: write it as host:port, such as 127.0.0.1:8087',
    );
  });
});
