import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { SerfClient, type ClientOptions } from './client.ts';
import { AuthenticationError, RequestRefusedError, TooLargeError } from './errors.ts';
import { eventRoom_bytes } from './event-size.ts';
import type { SerfEvent } from './event.ts';
import { exactly } from './member-filter.ts';

/** Agents take some seconds for what they do together; a loaded machine may take a minute. */
const PATIENCE_ms = 60_000;

/** An agent that the suite may do anything to. */
export interface ContractAgent {
  readonly name: string;
  /** `host:port` of its RPC. */
  readonly rpc: string;
  /** By which others join it. */
  readonly gossip: string;
  start(): Promise<void>;
  /** Ends it without a word. */
  kill(): Promise<void>;
  /** Gives back all it holds. */
  stop(): Promise<void>;
}

/** What events told of one member: an agent gathers those of a second, of several members, in one. */
function toldOf(name: string, events: readonly SerfEvent[]) {
  return events.flatMap((event) =>
    'members' in event
      ? event.members.filter((member) => member.name === name).map((member) => ({ kind: event.kind, ...member }))
      : [],
  );
}

/** Starts an agent that is alone. */
export type StartAgent = (name: string, options?: { authKey?: string }) => Promise<ContractAgent>;

const bytes = new Uint8Array([0, 255, 128, 65, 0xc3, 0x28]);

/** What the client and any agent do together: run by the double and by the real one. */
export function clientContract(kind: string, startAgent: StartAgent): void {
  describe(`a client and ${kind}`, { timeout: 3 * PATIENCE_ms }, () => {
    const agents: ContractAgent[] = [];
    const clients: SerfClient[] = [];
    let ada: SerfClient;
    let bob: SerfClient;

    beforeAll(async () => {
      for (const name of ['ada', 'bob', 'cleo']) agents.push(await startAgent(name));
      [ada, bob] = [client(agent('ada')), client(agent('bob'))];
      const addresses = [agent('bob').gossip, agent('cleo').gossip];
      expect(await ada.join(addresses)).toBe(2);
      for (const each of [ada, bob]) await eventually(async () => expect(await each.members()).toHaveLength(3));
    }, PATIENCE_ms);

    afterAll(async () => {
      for (const each of clients) await each.stop();
      for (const each of agents) await each.stop();
    }, PATIENCE_ms);

    function agent(name: string): ContractAgent {
      const found = agents.find((each) => each.name === name);
      if (found === undefined) throw new Error(`no agent ${name}`);
      return found;
    }

    function client({ rpc }: ContractAgent, options: ClientOptions = {}): SerfClient {
      const started = new SerfClient({ address: rpc, requestTimeout_ms: PATIENCE_ms, random: () => 0, ...options });
      started.start();
      clients.push(started);
      return started;
    }

    /** Streams events of some types into a list, once the agent has agreed. */
    async function listen(to: SerfClient, types: string) {
      const events: SerfEvent[] = [];
      let opened = 0;
      const stream = to.stream(types, {
        event: (event) => events.push(event),
        opened: () => (opened += 1),
        refused: (error) => expect.fail(error.message),
      });
      await eventually(() => expect(opened).toBe(1));
      return { events, stream, opened: () => opened };
    }

    test('members have names, addresses, tags and a status', async () => {
      const members = await ada.members();
      expect(members.map(({ name }) => name).sort()).toEqual(['ada', 'bob', 'cleo']);
      for (const { address, port, status, protocol, delegate } of members) {
        expect(address).toMatch(/^127\.0\.0\.\d+$/);
        expect(port).toBeGreaterThan(0);
        expect(status).toBe('alive');
        expect(protocol.current).toBeGreaterThanOrEqual(protocol.min);
        expect(delegate.current).toBeLessThanOrEqual(delegate.max);
      }
    });

    test('an agent knows itself', async () => {
      expect((await ada.stats()).get('agent')?.get('name')).toBe('ada');
      expect((await ada.self()).name).toBe('ada');
    });

    test('members are filtered by name, status and tags, as patterns', async () => {
      await bob.tags({ set: { kind: 'router', mark: 'a.b' } });
      const names = async (filter: Parameters<SerfClient['membersFiltered']>[0]) =>
        (await ada.membersFiltered(filter)).map(({ name }) => name).sort();
      await eventually(async () => expect(await names({ tags: { kind: 'rout.*' } })).toEqual(['bob']));
      expect(await names({ name: '(ada|cleo)' })).toEqual(['ada', 'cleo']);
      expect(await names({ status: 'failed' })).toEqual([]);
      expect(await names({ status: 'alive', tags: { kind: '' } })).toEqual(['ada', 'cleo']);
      expect(await names({ tags: { mark: exactly('a.b') } })).toEqual(['bob']);
      expect(await names({ tags: { mark: exactly('a.') } })).toEqual([]);
      expect(await names({})).toHaveLength(3);
    });

    test('tags are set and deleted without those of others, and every agent is told', async () => {
      const { events, stream } = await listen(bob, 'member-update');
      await ada.tags({ set: { role: 'a', other: 'stays' } });
      expect(await ada.tags({ set: { role: 'ö ü', more: '' }, delete: ['none'] })).toBe(true);
      const tags = new Map([
        ['role', 'ö ü'],
        ['other', 'stays'],
        ['more', ''],
      ]);
      await eventually(() =>
        expect(toldOf('ada', events).at(-1)).toMatchObject({ kind: 'member-update', status: 'alive', tags }),
      );
      await ada.tags({ delete: ['role', 'more'] });
      expect((await ada.self()).tags).toEqual(new Map([['other', 'stays']]));
      stream.stop();
    });

    test('tags that are so already are not sent, so that nobody is told', async () => {
      await ada.tags({ set: { same: 'x' } });
      expect(await ada.tags({ set: { same: 'x' }, delete: ['none'] })).toBe(false);
    });

    test('tags fill their 512 bytes to the last', async () => {
      await ada.tags({ delete: [...(await ada.self()).tags.keys()] });
      // A byte of mark, one of count, two of the name and three before the value.
      await ada.tags({ set: { t: 'x'.repeat(505) } });
      expect((await ada.self()).tags.get('t')).toHaveLength(505);
      const error = await ada.tags({ set: { t: 'x'.repeat(506) } }).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(TooLargeError);
      expect(error).toMatchObject({ command: 'tags', limit_bytes: 512 });
      expect((await ada.self()).tags.get('t')).toHaveLength(505);
      await ada.tags({ delete: ['t'] });
    });

    test('events go to all members, with any bytes', async () => {
      const all = await listen(bob, '*');
      const some = await listen(ada, 'user:deploy,member-reap');
      await ada.event('restart', bytes);
      await ada.event('deploy', new Uint8Array(0), { coalesce: true });
      for (const { events } of [all, some]) {
        await eventually(() =>
          expect(events).toContainEqual(expect.objectContaining({ kind: 'user', name: 'deploy' })),
        );
      }
      expect(all.events).toContainEqual({
        kind: 'user',
        name: 'restart',
        payload: expect.toSatisfy((payload: Uint8Array) => Buffer.compare(payload, bytes) === 0),
        coalesce: false,
        lamportTime: expect.any(BigInt),
      });
      expect(some.events.map((event) => 'name' in event && event.name)).toEqual(['deploy']);
      for (const { stream } of [all, some]) stream.stop();
    });

    test('an event that is too large is refused', async () => {
      const error = await ada.event('e', new Uint8Array(600)).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(TooLargeError);
      expect(error).toMatchObject({ command: 'event', limit_bytes: 512 });
    });

    test('an event may have so much payload that all that is gossiped of it fits', async () => {
      const name = 'full';
      const { events, stream } = await listen(bob, 'user:full');
      // A cluster that has told of few events needs one byte for its time, of nine that are left for it.
      const most_bytes = eventRoom_bytes(name) + 8;
      await expect(ada.event(name, new Uint8Array(most_bytes + 1))).rejects.toMatchObject({ limit_bytes: 512 });
      await ada.event(name, new Uint8Array(most_bytes));
      await eventually(() => expect(events).toHaveLength(1));
      stream.stop();
    });

    test('a stream that was stopped tells nothing more, and others go on', async () => {
      const [first, second] = [await listen(bob, 'user'), await listen(bob, 'user')];
      first.stream.stop();
      await ada.event('after', bytes);
      await eventually(() => expect(second.events).toHaveLength(1));
      expect(first.events).toEqual([]);
      second.stream.stop();
    });

    test('a stream of what is no event is refused', async () => {
      const refused = await new Promise((resolve) => {
        ada.stream('memberjoin', { event: () => undefined, refused: resolve });
      });
      expect(refused).toBeInstanceOf(RequestRefusedError);
      expect((refused as RequestRefusedError).reason).toBe('Invalid event filter');
      await ada.members();
    });

    test('queries are acknowledged and answered by those who are asked, with any bytes', async () => {
      const asked = await listen(bob, 'query:load');
      const told: [string, string, number[]?][] = [];
      const answered = ada.query(
        { name: 'load', payload: bytes, nodes: ['bob', 'cleo'], ack: true, lasts_ms: 3_000 },
        {
          ack: (member) => told.push(['ack', member]),
          response: (member, payload) => told.push(['response', member, [...payload]]),
        },
      );
      const query = await eventually(() => {
        const event = asked.events.find((each) => each.kind === 'query');
        if (event === undefined) throw new Error('not asked yet');
        return event;
      });
      expect([...query.payload]).toEqual([...bytes]);
      await bob.respond(query.id, bytes);
      await answered;
      expect(told.sort()).toEqual([
        ['ack', 'bob'],
        ['ack', 'cleo'],
        ['response', 'bob', [...bytes]],
      ]);
      await expect(bob.respond(999_999n, bytes)).rejects.toThrow('No pending queries matching ID');
      asked.stream.stop();
    });

    test('a query that lasts long is let go when nobody waits for it any more', async () => {
      const enough = new AbortController();
      const asked = ada.query(
        { name: 'long', ack: true, lasts_ms: 600_000 },
        { ack: () => enough.abort(new Error('enough')) },
        { signal: enough.signal },
      );
      await expect(asked).rejects.toThrow('enough');
      await ada.members();
    });

    test('a query that is too large is refused', async () => {
      const query = ada.query({ name: 'q', payload: new Uint8Array(2_000) }, {});
      await expect(query).rejects.toThrow(TooLargeError);
    });

    test('the log of an agent is told, to one at a time', async () => {
      const lines: string[] = [];
      const opened = vi.fn();
      const log = ada.monitor('debug', {
        line: (line) => lines.push(line),
        opened,
        refused: (error) => expect.fail(error.message),
      });
      await eventually(() => expect(opened).toHaveBeenCalledOnce());
      await ada.event('told-in-the-log', bytes);
      await eventually(() => expect(lines.join('\n')).toContain('told-in-the-log'));
      const second = new Promise((resolve) => ada.monitor('info', { line: () => undefined, refused: resolve }));
      expect(await second).toMatchObject({ reason: 'Monitor already exists' });
      log.stop();
      const level = new Promise((resolve) => ada.monitor('loud', { line: () => undefined, refused: resolve }));
      expect(await level).toMatchObject({ reason: expect.stringMatching(/^Unknown log level/) });
    });

    test('who cannot be joined is said', async () => {
      const error = await ada.join(['127.0.0.1:1']).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(RequestRefusedError);
      expect(error).toMatchObject({ command: 'join' });
      await ada.members();
    });

    test('a pattern that Go cannot read costs the connection, and the next request has a new one', async () => {
      const error = await ada.membersFiltered({ name: '(' }).catch((failure: unknown) => failure);
      expect(error).toMatchObject({ name: 'ConnectionClosedError' });
      expect(await ada.members()).toHaveLength(3);
    });

    test('an agent with a key does nothing for who does not know it', async () => {
      const locked = await startAgent('locked', { authKey: 'open sesame' });
      try {
        expect(await client(locked, { authKey: 'open sesame' }).members()).toHaveLength(1);
        for (const options of [{}, { authKey: 'open barley' }]) {
          const error = await client(locked, options)
            .members()
            .catch((failure: unknown) => failure);
          expect(error).toBeInstanceOf(AuthenticationError);
          expect((error as Error).message).not.toContain('barley');
        }
      } finally {
        await locked.stop();
      }
    });

    test('an agent that restarts has forgotten its tags; its client comes back, and so do its streams', async () => {
      const disconnected = vi.fn();
      const connected = vi.fn();
      const cleo = client(agent('cleo'), { onDisconnected: disconnected, onConnected: connected });
      await cleo.tags({ set: { kept: 'no' } });
      const { events, opened } = await listen(cleo, 'user');
      const seen = await listen(bob, 'member-failed,member-join');
      await agent('cleo').kill();
      await eventually(() => expect(toldOf('cleo', seen.events).at(-1)?.kind).toBe('member-failed'));
      await eventually(async () =>
        expect((await bob.membersFiltered({ name: 'cleo' })).map(({ status }) => status)).toEqual(['failed']),
      );
      expect(disconnected).toHaveBeenCalledOnce();
      await agent('cleo').start();
      await eventually(() => expect(opened()).toBe(2));
      expect(connected).toHaveBeenCalledTimes(2);
      expect((await cleo.self()).tags).toEqual(new Map());
      await cleo.join([agent('ada').gossip]);
      await eventually(() => expect(toldOf('cleo', seen.events).at(-1)?.kind).toBe('member-join'));
      await ada.event('again', bytes);
      await eventually(() => expect(events).toHaveLength(1));
      seen.stream.stop();
    });

    test('a member that failed is taken for one that left, and struck off', async () => {
      const dora = await startAgent('dora');
      await ada.join([dora.gossip]);
      await eventually(async () => expect(await bob.members()).toHaveLength(4));
      await dora.kill();
      const status = async () => (await bob.membersFiltered({ name: 'dora' })).map((member) => member.status);
      await eventually(async () => expect(await status()).toEqual(['failed']));
      await bob.forceLeave('dora');
      await eventually(async () => expect(await status()).toEqual(['left']));
      await dora.stop();
    });

    test('an agent leaves in good order', async () => {
      const emil = await startAgent('emil');
      await ada.join([emil.gossip]);
      await eventually(async () =>
        expect(await bob.membersFiltered({ name: 'emil', status: 'alive' })).toHaveLength(1),
      );
      const { events, stream } = await listen(bob, 'member-leave,member-failed');
      await client(emil).leave();
      // On a busy machine others may find first that it does not answer.
      await eventually(() => expect(toldOf('emil', events).at(-1)?.kind).toBe('member-leave'));
      stream.stop();
      await emil.stop();
    });
  });
}
