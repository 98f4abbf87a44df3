import { afterEach, describe, expect, test, vi } from 'vitest';
import { SerfClient, type ClientOptions } from './client.ts';
import { SerfDouble, type DoubleOptions, type Fault } from './double/serf-double.ts';
import {
  ConnectionClosedError,
  NotConnectedError,
  ProtocolError,
  RequestTimeoutError,
  type SerfError,
} from './errors.ts';
import { encoded } from './wire/encode.ts';

/** Long beside what the double takes, short for who waits for the test. */
const SHORT_ms = 300;

const MEBIBYTE_bytes = 1024 * 1024;

const header = (seq: number): Uint8Array => encoded({ Seq: seq, Error: '' });

describe('a client', { timeout: 30_000 }, () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function startDouble(options?: DoubleOptions): Promise<SerfDouble> {
    const double = new SerfDouble(options);
    await double.start();
    ends.push(() => double.stop());
    return double;
  }

  function startClient({ address }: SerfDouble, options: Partial<ClientOptions> = {}): SerfClient {
    const client = new SerfClient({ address, random: () => 0, ...options });
    client.start();
    ends.push(() => client.stop());
    return client;
  }

  /** Lets one request of a kind, the next one, meet a fault. */
  function once(double: SerfDouble, command: string, fault: Fault): void {
    double.fault = (request) => {
      if (request !== command) return undefined;
      double.fault = undefined;
      return fault;
    };
  }

  const failure = (promise: Promise<unknown>): Promise<SerfError> =>
    promise.then(
      () => expect.fail('it did not fail'),
      (error: unknown) => error as SerfError,
    );

  test('gives up a server that never answers; who waited behind is told, and the next request has a new connection', async () => {
    const double = await startDouble();
    const client = startClient(double, { requestTimeout_ms: SHORT_ms });
    once(double, 'members', { kind: 'silent' });
    const [late, behind] = await Promise.all([failure(client.members()), failure(client.stats())]);
    expect(late).toBeInstanceOf(RequestTimeoutError);
    expect(late.message).toMatch(/members: no answer within 300 ms$/);
    expect(behind).toBeInstanceOf(ConnectionClosedError);
    expect(behind.cause).toBe(late);
    expect(await client.members()).toHaveLength(1);
  });

  test('counts the time of a request from when those before are answered', async () => {
    const double = await startDouble();
    const waits: number[] = [];
    const timers = {
      after: (wait_ms: number, run: () => void) => {
        waits.push(wait_ms);
        const timer = setTimeout(run, 10_000);
        return () => clearTimeout(timer);
      },
    };
    const client = startClient(double, { timers, requestTimeout_ms: 77 });
    await client.members();
    waits.length = 0;
    await Promise.all([client.join([double.gossip]), client.members({ timeout_ms: 5 }), client.stats()]);
    expect(waits).toEqual([60_000, 5, 77]);
  });

  test('says what kept it from connecting', async () => {
    const double = await startDouble();
    await double.stop();
    const failed = vi.fn();
    const client = startClient(double, { onConnectFailed: failed });
    const error = await failure(client.members({ timeout_ms: SHORT_ms }));
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(String(error.cause)).toContain('ECONNREFUSED');
    expect(failed.mock.calls.flat()).toContain(error.cause);
  });

  test('reconnects after pauses that grow, with a part of chance', async () => {
    const double = await startDouble();
    await double.stop();
    const pauses: number[] = [];
    const timers = {
      after(wait_ms: number, run: () => void) {
        if (wait_ms <= 10_000) pauses.push(wait_ms);
        const timer = setTimeout(run, wait_ms <= 10_000 ? 0 : wait_ms);
        return () => clearTimeout(timer);
      },
    };
    startClient(double, { timers, random: () => 0.5, connectTimeout_ms: 20_000 });
    await expect.poll(() => pauses.length).toBeGreaterThan(8);
    expect(pauses.slice(0, 9)).toEqual([75, 150, 300, 600, 1200, 2400, 4800, 7500, 7500]);
    // Once a connection has stood the next pause is a short one.
    await double.start();
    await expect.poll(() => double.requests.length).toBeGreaterThan(1);
    pauses.length = 0;
    await double.stop();
    await expect.poll(() => pauses.length).toBeGreaterThan(1);
    expect(pauses.slice(0, 2)).toEqual([75, 150]);
  });

  test('opens its streams again at each connection, and tells so', async () => {
    const double = await startDouble();
    const told: string[] = [];
    const client = startClient(double, {
      pauses: () => [10].values(),
      onConnected: () => told.push('connected'),
      onDisconnected: () => told.push('disconnected'),
    });
    client.stream('user', {
      event: (event) => told.push(event.kind),
      opened: () => told.push('opened'),
      interrupted: ({ message }) => told.push(message.replace(/^\S+ /, '')),
      refused: (error) => told.push(error.message),
    });
    await expect.poll(() => told).toEqual(['connected', 'opened']);
    await double.stop();
    await double.start();
    await expect.poll(() => told.filter((each) => each === 'opened')).toHaveLength(2);
    await client.event('now', new Uint8Array(0));
    await expect
      .poll(() => told)
      .toEqual([
        ...['connected', 'opened'],
        ...['closed the connection', 'disconnected'],
        ...['connected', 'opened', 'user'],
      ]);
  });

  test('opens a stream at once where it is connected, and one that was stopped in between never', async () => {
    const double = await startDouble();
    const client = startClient(double);
    await client.members();
    const opened = vi.fn();
    client.stream('user', { event: () => undefined, opened, refused: () => undefined }).stop();
    await client.members();
    double.cut();
    await expect.poll(() => double.connections).toBe(0);
    await client.members();
    expect(opened).not.toHaveBeenCalled();
    expect(double.requests.filter((request) => request === 'stream')).toHaveLength(1);
  });

  test('does not ask again for a stream that was refused', async () => {
    const double = await startDouble();
    const client = startClient(double);
    const refused = vi.fn();
    client.stream('memberjoin', { event: () => undefined, refused });
    await expect.poll(() => refused).toHaveBeenCalledOnce();
    double.cut();
    await expect.poll(() => double.connections).toBe(0);
    await client.members();
    expect(double.requests.filter((request) => request === 'stream')).toHaveLength(1);
  });

  test('tells of no event that came behind the one at which it was stopped', async () => {
    const double = await startDouble();
    const client = startClient(double);
    const opened = vi.fn();
    const event = vi.fn(() => void client.stop());
    client.stream('*', { event, opened, refused: vi.fn() });
    await expect.poll(() => opened).toHaveBeenCalledOnce();
    const join = Buffer.concat([header(3), encoded({ Event: 'member-join', Members: [] })]);
    once(double, 'members', { kind: 'bytes', bytes: Buffer.concat([join, join]) });
    expect(await failure(client.members())).toBeInstanceOf(ConnectionClosedError);
    expect(event).toHaveBeenCalledOnce();
  });

  test('tells nothing of a query that nobody waits for, nor takes more of one that is over', async () => {
    const double = await startDouble();
    const reasons: string[] = [];
    const client = startClient(double, { onDisconnected: ({ message }) => reasons.push(message) });
    const ack = Buffer.concat([header(3), encoded({ Type: 'ack', From: 'a', Payload: null })]);
    const done = Buffer.concat([header(3), encoded({ Type: 'done', From: '', Payload: null })]);
    once(double, 'query', { kind: 'bytes', bytes: header(3) });
    const gone = new AbortController();
    const told = vi.fn();
    const query = failure(client.query({ name: 'q' }, { ack: told }, { signal: gone.signal }));
    await expect.poll(() => double.requests).toContain('query');
    gone.abort(new Error('no longer wanted'));
    await query;
    const answer = (seq: number) => Buffer.concat([header(seq), encoded({ Members: [] })]);
    once(double, 'members', { kind: 'bytes', bytes: Buffer.concat([ack, done, answer(4)]) });
    expect(await client.members()).toEqual([]);
    expect(told).not.toHaveBeenCalled();
    once(double, 'members', { kind: 'bytes', bytes: Buffer.concat([ack, answer(5)]) });
    expect(await failure(client.members())).toBeInstanceOf(ProtocolError);
    expect(reasons[0]).toMatch(/an answer came to request 3, which was not due/);
  });

  test('takes an error for the whole answer where nothing follows one', async () => {
    const double = await startDouble();
    const client = startClient(double);
    once(double, 'stats', { kind: 'bytes', bytes: encoded({ Seq: 3, Error: 'Unsupported command' }) });
    expect((await failure(client.stats())).message).toBe('stats: the agent refuses: Unsupported command');
    expect(await client.members()).toHaveLength(1);
    expect(double.requests.filter((request) => request === 'handshake')).toHaveLength(1);
  });

  test('never asks for tags that are too large', async () => {
    const double = await startDouble();
    await expect(startClient(double).tags({ set: { much: 'x'.repeat(600) } })).rejects.toThrow(
      'tags: all of them would take 610 bytes together, and Serf has room for 512: shorten them, or delete others',
    );
    expect(double.requests).not.toContain('tags');
  });

  test('knows its own agent from one whose name its own would match', async () => {
    const [other, own] = [await startDouble({ name: 'pi-3' }), await startDouble({ name: 'pi.3' })];
    // It stands behind the other in the list.
    own.join([other.gossip]);
    expect((await startClient(own).self()).name).toBe('pi.3');
    own.fault = (command) =>
      command === 'stats' ? { kind: 'bytes', bytes: Buffer.concat([header(3), encoded({ agent: {} })]) } : undefined;
    await expect(startClient(own).self()).rejects.toThrow('stats: the agent does not say its name');
  });

  test('says that a query is over when its connection ends, or nobody says its end', async () => {
    const double = await startDouble();
    const client = startClient(double, { requestTimeout_ms: SHORT_ms });
    const cut = failure(client.query({ name: 'q', lasts_ms: 20_000 }, { ack: () => double.cut() }));
    await expect.poll(() => double.requests).toContain('query');
    double.cut();
    expect(await cut).toBeInstanceOf(ConnectionClosedError);
    once(double, 'query', { kind: 'bytes', bytes: encoded({ Seq: 3, Error: '' }) });
    const endless = await failure(client.query({ name: 'q', lasts_ms: SHORT_ms }, {}));
    expect(endless).toBeInstanceOf(RequestTimeoutError);
    expect(endless.message).toMatch(/query: no end within 600 ms$/);
  });

  test('stops waiting when its signal says so, and passes the answer over', async () => {
    const double = await startDouble({ piece_bytes: 1 });
    const client = startClient(double);
    const gone = new AbortController();
    const members = client.members({ signal: gone.signal });
    const query = client.query({ name: 'q', ack: true, lasts_ms: SHORT_ms }, {}, { signal: gone.signal });
    await expect.poll(() => double.requests).toContain('query');
    const next = client.stats();
    gone.abort(new Error('no longer wanted'));
    await expect(members).rejects.toThrow('no longer wanted');
    await expect(query).rejects.toThrow('no longer wanted');
    expect((await next).get('agent')?.get('name')).toBe('double');
    await expect(client.members({ signal: gone.signal })).rejects.toThrow('no longer wanted');
    await expect(client.query({ name: 'q' }, {}, { signal: gone.signal })).rejects.toThrow('no longer wanted');
    expect(double.connections).toBe(1);
  });

  test('does nothing before it is started, and nothing after it is stopped', async () => {
    const double = await startDouble();
    const client = new SerfClient({ address: double.address });
    await expect(client.members()).rejects.toThrow(/call start/);
    client.start();
    once(double, 'members', { kind: 'silent' });
    const waiting = failure(client.members());
    await expect.poll(() => double.requests).toContain('members');
    await client.stop();
    expect(await waiting).toBeInstanceOf(ConnectionClosedError);
    expect(await failure(client.members())).toBeInstanceOf(NotConnectedError);
    await expect.poll(() => double.connections).toBe(0);
  });

  test('ends a wait for a connection when it is stopped, and one while it says hello', async () => {
    const double = await startDouble();
    double.fault = () => ({ kind: 'silent' });
    const client = startClient(double, { requestTimeout_ms: 60_000 });
    const waiting = failure(client.members());
    await expect.poll(() => double.requests).toEqual(['handshake']);
    await client.stop();
    expect(await waiting).toBeInstanceOf(NotConnectedError);
  });

  test('ends the connection when a listener throws, and leaves the error to be seen', async () => {
    const double = await startDouble();
    const reasons: SerfError[] = [];
    const client = startClient(double, { onDisconnected: (reason) => reasons.push(reason) });
    const seen = new Promise((resolve) => {
      const others = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException').once('uncaughtException', (error) => {
        for (const other of others) process.on('uncaughtException', other);
        resolve(error);
      });
    });
    const mistake = new Error('a mistake of ours');
    const listener = {
      event: () => {
        throw mistake;
      },
      refused: () => undefined,
    };
    client.stream('user', listener);
    await client.event('now', new Uint8Array(0)).catch(() => undefined);
    expect(await seen).toBe(mistake);
    await expect.poll(() => reasons[0]?.cause).toBe(mistake);
  });

  test('refuses an address that is none', () => {
    expect(() => new SerfClient({ address: 'http://serf:7373/' })).toThrow(
      '"http://serf:7373/" is not the address of an agent: write it as host:port, such as 127.0.0.1:7373',
    );
  });

  test('shows its key to nobody who looks at it', async () => {
    const double = await startDouble({ authKey: 'open sesame' });
    const client = startClient(double, { authKey: 'open sesame' });
    await client.members();
    const { inspect } = await import('node:util');
    expect(inspect(client, { depth: 9, showHidden: true })).not.toContain('sesame');
  });

  const member = { Name: 'a', Addr: new Uint8Array(4), Port: 1, Tags: {}, Status: 'alive' };
  test.each<[string, Uint8Array, RegExp]>([
    [
      'what speaks another protocol',
      Buffer.from('HTTP/1.1 400 Bad Request\r\n'),
      /a number came where a record was due/,
    ],
    ['an answer that was not due', header(99), /an answer came to request 99, which was not due/],
    ['a header without a number', encoded({ Error: '' }), /Seq: nothing came where a count was due/],
    ['a header with a float', encoded({ Seq: 3.5, Error: '' }), /Seq: a number came where a count was due/],
    ['a body that is none', Buffer.concat([header(3), encoded(7)]), /answer: a number came where a record was due/],
    [
      'members that are none',
      Buffer.concat([header(3), encoded({ Members: 7 })]),
      /Members: a number came where a list/,
    ],
    [
      'a member without versions',
      Buffer.concat([header(3), encoded({ Members: [member] })]),
      /ProtocolMin: nothing came/,
    ],
    [
      'an address of five bytes',
      Buffer.concat([header(3), encoded({ Members: [{ ...member, Addr: new Uint8Array(5) }] })]),
      /an address of 5 bytes came|ProtocolMin/,
    ],
    ['a byte that begins nothing', Buffer.from([0xc1]), /a byte 0xc1 came where a value should begin/],
    ['an extension', Buffer.from([0xd4, 0x72, 0x40]), /a byte 0xd4 came/],
    ['what is announced too large', Buffer.from([0xdb, 0xff, 0xff, 0xff, 0xff]), /of more than 4194304 bytes/],
    ['what is announced to hold too much', Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]), /of more than 524288 values/],
    ['what is nested without end', Buffer.alloc(64, 0x91), /nested 8 deep/],
  ])('refuses %s, says so, and goes on with a new connection', async (_, bytes, message) => {
    const double = await startDouble();
    const client = startClient(double);
    once(double, 'members', { kind: 'bytes', bytes });
    const error = await failure(client.members());
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(double.address);
    expect(await client.members()).toHaveLength(1);
  });

  test('takes no more than it was told, however long an answer comes', async () => {
    const double = await startDouble();
    const client = startClient(double, { largestAnswer_bytes: MEBIBYTE_bytes });
    // A list of 65,536 texts of a kilobyte.
    const list = [0xdd, 0x00, 0x01, 0x00, 0x00];
    const text = Buffer.concat([Buffer.from([0xda, 0x04, 0x00]), Buffer.alloc(1024, 'endless ')]);
    const begin = Buffer.concat([header(3), Buffer.from([0x81, 0xa7, ...Buffer.from('Members'), ...list])]);
    double.fault = (command) => {
      if (command !== 'members') return undefined;
      double.fault = undefined;
      return { kind: 'endless', bytes: text, begin };
    };
    const error = await failure(client.members());
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toMatch(/an answer of more than 1048576 bytes comes; no more are taken/);
    await expect.poll(() => double.connections).toBeLessThanOrEqual(1);
    expect(await client.members()).toHaveLength(1);
  });

  test('ends the connection on an event that cannot be, and takes up the stream again', async () => {
    const double = await startDouble();
    const reasons: SerfError[] = [];
    const opened = vi.fn();
    const client = startClient(double);
    client.stream('*', {
      event: () => undefined,
      opened,
      interrupted: (reason) => reasons.push(reason),
      refused: vi.fn(),
    });
    await expect.poll(() => opened).toHaveBeenCalledOnce();
    const broken = Buffer.concat([header(3), encoded({ Event: 'user', Name: 7 })]);
    once(double, 'members', { kind: 'bytes', bytes: broken });
    expect(await failure(client.members())).toBeInstanceOf(ProtocolError);
    expect(reasons[0]?.message).toMatch(/user: Name: a number came where text was due/);
    await expect.poll(() => opened).toHaveBeenCalledTimes(2);
  });

  test('passes over kinds of events that it does not know', async () => {
    const double = await startDouble();
    const event = vi.fn();
    const opened = vi.fn();
    const client = startClient(double);
    client.stream('*', { event, opened, refused: vi.fn() });
    await expect.poll(() => opened).toHaveBeenCalledOnce();
    const [unknown, answer] = [encoded({ Event: 'member-sleep', Members: [] }), encoded({ Members: [] })];
    once(double, 'members', { kind: 'bytes', bytes: Buffer.concat([header(3), unknown, header(4), answer]) });
    expect(await client.members()).toEqual([]);
    expect(event).not.toHaveBeenCalled();
  });
});
