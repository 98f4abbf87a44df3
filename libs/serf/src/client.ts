import { parseAddress } from './address.ts';
import { backoff } from './backoff.ts';
import { Connector } from './connector.ts';
import { SerfError } from './errors.ts';
import { eventOf, type SerfEvent } from './event.ts';
import { exactly, type MemberFilter } from './member-filter.ts';
import { membersIn, type Member } from './member.ts';
import { ask, type Query, type QueryListener } from './query.ts';
import { simple, type Request } from './request.ts';
import { KeptStream, type StreamListener, type Subscription } from './subscription.ts';
import { changedTags, encodedTags_bytes, sameTags, TAGS_LIMIT_bytes, tooManyTags, type TagChange } from './tags.ts';
import { systemTimers, type Timers } from './timers.ts';
import { integer } from './wire/encode.ts';
import { countIn, textIn, textsOf, type Fields } from './wire/fields.ts';

export interface ClientOptions {
  /** `host:port` of the agent's RPC. Default `127.0.0.1:7373`. */
  readonly address?: string;
  /** What the agent wants to hear first (`rpc_auth` of its configuration). */
  readonly authKey?: string;
  /** How long the agent may take over a request, once it has answered those before. Default 10,000. */
  readonly requestTimeout_ms?: number;
  /** Default 5,000. */
  readonly connectTimeout_ms?: number;
  /** Longer answers are refused. Default 4 MiB: some 6,000 members with full tags. */
  readonly largestAnswer_bytes?: number;
  /** Pauses between attempts to connect. Default: from 0.1 s doubling to 10 s, jittered by `random`. */
  readonly pauses?: () => Iterator<number>;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
  /** Default: those of the process. */
  readonly timers?: Timers;
  /** A connection stands. An agent that restarts ends its connections: it may be another process than before. */
  readonly onConnected?: () => void;
  readonly onDisconnected?: (reason: SerfError) => void;
  /** An attempt to connect failed; the next one follows. */
  readonly onConnectFailed?: (error: SerfError) => void;
}

export interface RequestOptions {
  /** For this request, in place of the client's. */
  readonly timeout_ms?: number;
  /** Ends the wait; a request that was sent is carried out all the same. */
  readonly signal?: AbortSignal;
}

export interface EventOptions extends RequestOptions {
  /** Lets agents hand on only the last of the events of this name that come at the same time. Default: no. */
  readonly coalesce?: boolean;
}

export interface JoinOptions extends RequestOptions {
  /** Has the user events of before the join told as well. Default: no. */
  readonly replay?: boolean;
}

export interface ForceLeaveOptions extends RequestOptions {
  /** Strikes the member off the list at once, instead of after a day or so. Default: no. */
  readonly prune?: boolean;
}

export interface EventListener extends StreamListener {
  event(event: SerfEvent): void;
}

export interface LogListener extends StreamListener {
  line(line: string): void;
}

const DEFAULTS = {
  address: '127.0.0.1:7373',
  requestTimeout_ms: 10_000,
  connectTimeout_ms: 5_000,
  largestAnswer_bytes: 4 * 1024 * 1024,
} as const;

/** Members as they are have a value in nine bytes. What is made of nothing but empty values takes 200 times itself in memory. */
const VALUES_PER_byte = 1 / 8;

/** What an agent does while it waits for others: it gives a broadcast 5 s and each address of a join 10 s. */
const SLOW_ms = 60_000;

/** A client of one Serf agent, by its RPC. Does nothing before `start()`. */
export class SerfClient {
  readonly #connector: Connector;
  readonly #requestTimeout_ms: number;
  readonly #timers: Timers;
  readonly #streams = new Set<KeptStream>();

  /** @throws {TypeError} when the address is none. */
  constructor(options: ClientOptions = {}) {
    const { random = Math.random, timers = systemTimers, onConnected } = options;
    const most_bytes = options.largestAnswer_bytes ?? DEFAULTS.largestAnswer_bytes;
    this.#requestTimeout_ms = options.requestTimeout_ms ?? DEFAULTS.requestTimeout_ms;
    this.#timers = timers;
    this.#connector = new Connector({
      address: parseAddress(options.address ?? DEFAULTS.address),
      authKey: options.authKey,
      connectTimeout_ms: options.connectTimeout_ms ?? DEFAULTS.connectTimeout_ms,
      requestTimeout_ms: this.#requestTimeout_ms,
      bounds: { most_bytes, most_values: Math.ceil(most_bytes * VALUES_PER_byte) },
      timers,
      pauses: options.pauses ?? (() => backoff({ first_ms: 100, most_ms: 10_000, random })),
      onConnected: (connection) => {
        onConnected?.();
        for (const stream of this.#streams) stream.open(connection);
      },
      onDisconnected: options.onDisconnected ?? (() => {}),
      onConnectFailed: options.onConnectFailed ?? (() => {}),
    });
  }

  /** Begins to connect, without waiting for it: requests wait for the connection as long as they would for an answer. */
  start(): void {
    this.#connector.start();
  }

  /** Ends the connection. Requests that still wait fail. */
  stop(): Promise<void> {
    return this.#connector.stop();
  }

  /** All members that the agent knows, those that left or failed too, until it strikes them off. */
  members(options: RequestOptions = {}): Promise<readonly Member[]> {
    return this.#request(
      { command: 'members', answer: 'success', read: (body) => membersIn(body, 'members') },
      options,
    );
  }

  /** The members that a filter lets through. */
  membersFiltered(filter: MemberFilter, options: RequestOptions = {}): Promise<readonly Member[]> {
    const command = 'members-filtered';
    const body = { Name: filter.name ?? '', Status: filter.status ?? '', Tags: filter.tags ?? {} };
    return this.#request({ command, body, answer: 'success', read: (answer) => membersIn(answer, command) }, options);
  }

  /** The agent itself, as a member. */
  async self(options: RequestOptions = {}): Promise<Member> {
    const name = (await this.stats(options)).get('agent')?.get('name');
    if (name === undefined || name === '') throw new SerfError('stats: the agent does not say its name');
    const [self] = await this.membersFiltered({ name: exactly(name) }, options);
    if (self === undefined) throw new SerfError(`members-filtered: the agent ("${name}") does not list itself`);
    return self;
  }

  /**
   * Changes the agent's own tags; those that are not named stay. When they are so already the agent is left alone: it would
   * tell the whole cluster of an update. They last until the agent ends, unless it keeps a tags file.
   *
   * @returns whether anything was changed.
   * @throws {TooLargeError} when all tags together would be too large; nothing is sent then. An agent with a tags file
   *   writes it before it looks at the size, refuses, and does not start again with that file.
   */
  async tags(change: TagChange, options: RequestOptions = {}): Promise<boolean> {
    const { tags } = await this.self(options);
    const after = changedTags(tags, change);
    if (sameTags(tags, after)) return false;
    const bytes = encodedTags_bytes(after);
    if (bytes > TAGS_LIMIT_bytes) throw tooManyTags(bytes);
    const body = { Tags: { ...change.set }, DeleteTags: [...(change.delete ?? [])] };
    await this.#request(simple('tags', body, SLOW_ms), options);
    return true;
  }

  /**
   * Sends an event to all members.
   *
   * @throws {TooLargeError} when it takes more than 512 bytes as it is gossiped, or what the agent was told; a payload of
   *   `eventRoom_bytes(name)` never does.
   */
  event(name: string, payload: Uint8Array, options: EventOptions = {}): Promise<void> {
    const body = { Name: name, Payload: payload, Coalesce: options.coalesce ?? false };
    return this.#request({ command: 'event', body, answer: 'never', read: nothing }, options);
  }

  /** Asks members, and tells what they answer. Resolves when the time of the query is up. */
  async query(query: Query, listener: QueryListener, options: RequestOptions = {}): Promise<void> {
    const timeout_ms = options.timeout_ms ?? this.#requestTimeout_ms;
    const { signal } = options;
    const connection = await this.#connector.connection(timeout_ms, signal);
    await ask(connection, query, listener, { timeout_ms, timers: this.#timers, signal });
  }

  /** Answers a query that a stream told of. */
  respond(id: bigint, payload: Uint8Array, options: RequestOptions = {}): Promise<void> {
    const body = { ID: integer(id), Payload: payload };
    return this.#request({ command: 'respond', body, answer: 'never', read: nothing }, options);
  }

  /**
   * Tells of events from now on, over reconnections too.
   *
   * @param types separated by commas: `member-join`, `member-leave`, `member-failed`, `member-update`, `member-reap`, `user`
   *   or `user:NAME`, `query` or `query:NAME`; `*` for all. An agent drops events, without a word, of whom it has 512 waiting.
   */
  stream(types: string, listener: EventListener): Subscription {
    return this.#keep({ command: 'stream', body: { Type: types } }, listener, (record) => {
      const event = eventOf(record);
      if (event !== undefined) listener.event(event);
    });
  }

  /**
   * Tells of lines of the agent's log, from now on, over reconnections too. Only one such stream at a time.
   *
   * @param level the least that is told: `TRACE`, `DEBUG`, `INFO`, `WARN` or `ERR`.
   */
  monitor(level: string, listener: LogListener): Subscription {
    return this.#keep({ command: 'monitor', body: { LogLevel: level } }, listener, (record) =>
      listener.line(textIn(record, 'Log', 'monitor')),
    );
  }

  /** Numbers and settings of the agent, as text, by group: `agent`, `runtime`, `serf`, `tags`, `event_handlers`. */
  stats(options: RequestOptions = {}): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    return this.#request({ command: 'stats', answer: 'success', read: statsOf }, options);
  }

  /**
   * Has the agent join the clusters of others.
   *
   * @param addresses `host` or `host:port` of their gossip.
   * @returns how many of them were reached.
   * @throws {RequestRefusedError} when none was.
   */
  join(addresses: readonly string[], options: JoinOptions = {}): Promise<number> {
    const body = { Existing: [...addresses], Replay: options.replay ?? false };
    const read = (answer: Fields): number => countIn(answer, 'Num', 'join');
    return this.#request({ command: 'join', body, answer: 'always', timeout_ms: SLOW_ms, read }, options);
  }

  /** Has the agent leave its cluster in good order, and end. */
  leave(options: RequestOptions = {}): Promise<void> {
    return this.#request({ command: 'leave', answer: 'never', timeout_ms: SLOW_ms, read: nothing }, options);
  }

  /** Has all members take one that failed for one that left. A member that is alive comes back by itself. */
  forceLeave(name: string, options: ForceLeaveOptions = {}): Promise<void> {
    const body = { Node: name, Prune: options.prune ?? false };
    return this.#request(simple('force-leave', body, SLOW_ms), options);
  }

  async #request<T>(
    request: Omit<Request<T>, 'timeout_ms'> & { readonly timeout_ms?: number },
    { timeout_ms, signal }: RequestOptions,
  ): Promise<T> {
    const wait_ms = timeout_ms ?? this.#requestTimeout_ms;
    const connection = await this.#connector.connection(wait_ms, signal);
    return connection.request({ ...request, timeout_ms: timeout_ms ?? request.timeout_ms ?? wait_ms }, signal);
  }

  #keep(
    request: Pick<Request<void>, 'command' | 'body'>,
    listener: StreamListener,
    record: (record: Fields) => void,
  ): Subscription {
    const whole = { ...request, answer: 'never', timeout_ms: this.#requestTimeout_ms } as const;
    const stream = new KeptStream(whole, listener, record, (over) => this.#streams.delete(over));
    this.#streams.add(stream);
    if (this.#connector.current !== undefined) stream.open(this.#connector.current);
    return stream;
  }
}

function nothing(): void {}

function statsOf(body: Fields): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const groups = new Map<string, ReadonlyMap<string, string>>();
  for (const [name, group] of body) {
    if (typeof name === 'string') groups.set(name, textsOf(group, `stats: ${name}`));
  }
  return groups;
}
