import { gossipedEvent_bytes } from '../event-size.ts';
import { encodedTags_bytes, changedTags, TAGS_LIMIT_bytes } from '../tags.ts';
import { bytesIn, countIn, fieldsOf, flagIn, largeIn, listIn, textIn, textsOf, type Fields } from '../wire/fields.ts';
import type { DoubleEvent, DoubleMember } from './cluster.ts';
import { eventRecord, header, memberRecord, streamed, validTypes, type Wire } from './records.ts';
import type { SerfDouble } from './serf-double.ts';

/** Commands behind whose header a body comes. */
const WITH_BODY = new Set(
  'handshake auth event join members-filtered stream monitor stop tags query respond force-leave'.split(' '),
);

/** What a payload may have of a query's 1,024 bytes (`QuerySizeLimit`), of which the rest takes some. */
const QUERY_bytes = 900;

/** One client of the double: what it asked for, and what is answered. */
export class Session {
  readonly #agent: SerfDouble;
  readonly #send: (...values: readonly Wire[]) => void;
  /** Closes the connection, when what was sent has gone. */
  readonly end: () => void;
  readonly #streams = new Map<number, string>();
  readonly #queries = new Map<bigint, (payload: Uint8Array | null) => void>();
  #monitor: number | undefined;
  #greeted = false;
  #trusted: boolean;
  #lastQuery = 0;

  constructor(agent: SerfDouble, send: (...values: readonly Wire[]) => void, end: () => void) {
    this.#agent = agent;
    this.#trusted = agent.authKey === undefined;
    this.#send = send;
    this.end = end;
  }

  static hasBody(command: string): boolean {
    return WITH_BODY.has(command);
  }

  /** Hands an event to the streams that asked for such. */
  tell(event: DoubleEvent): void {
    for (const [seq, types] of this.#streams) {
      if (!streamed(types, event)) continue;
      if ('respond' in event) this.#queries.set(BigInt((this.#lastQuery += 1)), (payload) => event.respond(payload));
      this.#send(header(seq), eventRecord(event, this.#lastQuery));
    }
  }

  log(line: string): void {
    if (this.#monitor !== undefined) this.#send(header(this.#monitor), { Log: line });
  }

  answer(command: string, seq: number, body: Fields): void {
    if (command === 'handshake') {
      this.#greeted = countIn(body, 'Version', command) === 1;
      return this.#done(seq, this.#greeted ? '' : 'Unsupported IPC version');
    }
    if (!this.#greeted) {
      this.#done(seq, 'Handshake required');
      return this.end();
    }
    if (command === 'auth') {
      this.#trusted = textIn(body, 'AuthKey', command) === this.#agent.authKey;
      return this.#done(seq, this.#trusted ? '' : 'Invalid authentication token');
    }
    if (!this.#trusted) return this.#done(seq, 'Authentication required');
    this.#trustedAnswer(command, seq, body);
  }

  #done(seq: number, error = ''): void {
    this.#send(header(seq, error));
  }

  #trustedAnswer(command: string, seq: number, body: Fields): void {
    const { cluster, self } = this.#agent;
    switch (command) {
      case 'members':
        return this.#members(seq, cluster.members);
      case 'members-filtered':
        return this.#filtered(seq, body);
      case 'stats':
        return this.#send(header(seq), { agent: { name: self.name }, serf: { members: `${cluster.members.length}` } });
      case 'tags':
        return this.#done(seq, this.#tags(body));
      case 'event':
        return this.#event(seq, body);
      case 'query':
        return this.#query(seq, body);
      case 'respond':
        return this.#done(seq, this.#respond(body));
      case 'stream':
        return this.#stream(seq, textIn(body, 'Type', command));
      case 'monitor':
        return this.#watch(seq, textIn(body, 'LogLevel', command));
      case 'stop':
        this.#streams.delete(countIn(body, 'Stop', command));
        if (this.#monitor === countIn(body, 'Stop', command)) this.#monitor = undefined;
        return this.#done(seq);
      case 'join': {
        const reached = this.#agent.join(listIn(body, 'Existing', command).map(String));
        return this.#send(header(seq, reached === 0 ? 'dial tcp: connection refused' : ''), { Num: reached });
      }
      case 'force-leave':
        cluster.forceLeave(textIn(body, 'Node', command), flagIn(body, 'Prune', command));
        return this.#done(seq);
      case 'leave':
        this.#done(seq);
        return this.#agent.end('left');
      default:
        this.#done(seq, 'Unsupported command');
        this.end();
    }
  }

  #members(seq: number, members: readonly DoubleMember[]): void {
    this.#send(header(seq), { Members: members.map(memberRecord) });
  }

  /** As the agent does, it goes without a word on a pattern that it cannot read. */
  #filtered(seq: number, body: Fields): void {
    const where = 'members-filtered';
    const patterns: [(member: DoubleMember) => string, string][] = [...textsOf(body.get('Tags'), where)].map(
      ([tag, pattern]) => [({ tags }) => tags.get(tag) ?? '', pattern],
    );
    const [name, status] = [textIn(body, 'Name', where), textIn(body, 'Status', where)];
    if (name !== '') patterns.push([(member) => member.name, name]);
    if (status !== '') patterns.push([(member) => member.status, status]);
    let tests: [(member: DoubleMember) => string, RegExp][];
    try {
      tests = patterns.map(([of, pattern]) => [of, new RegExp(`^${pattern}$`)]);
    } catch {
      return this.end();
    }
    this.#members(
      seq,
      this.#agent.cluster.members.filter((member) => tests.every(([of, test]) => test.test(of(member)))),
    );
  }

  #tags(body: Fields): string {
    const after = changedTags(this.#agent.self.tags, {
      set: Object.fromEntries(textsOf(body.get('Tags'), 'tags')),
      delete: listIn(body, 'DeleteTags', 'tags').map(String),
    });
    if (encodedTags_bytes(after) > TAGS_LIMIT_bytes) {
      return `Encoded length of tags exceeds limit of ${TAGS_LIMIT_bytes} bytes`;
    }
    this.#agent.cluster.retag(this.#agent.self, after);
    return '';
  }

  #event(seq: number, body: Fields): void {
    const name = textIn(body, 'Name', 'event');
    const payload = bytesIn(body, 'Payload', 'event');
    const { cluster, eventLimit_bytes: limit_bytes } = this.#agent;
    if (Buffer.byteLength(name) + payload.length > limit_bytes) {
      return this.#done(seq, `user event exceeds configured limit of ${limit_bytes} bytes before encoding`);
    }
    if (gossipedEvent_bytes(name, payload.length, cluster.time) > limit_bytes) {
      return this.#done(seq, `encoded user event exceeds configured limit of ${limit_bytes} bytes after encoding`);
    }
    this.#agent.log(`[DEBUG] agent: Requesting user event send: ${name}`);
    this.#done(seq);
    cluster.userEvent(name, payload.length === 0 ? null : payload, flagIn(body, 'Coalesce', 'event'));
  }

  #query(seq: number, body: Fields): void {
    const payload = bytesIn(body, 'Payload', 'query');
    if (payload.length > QUERY_bytes) return this.#done(seq, 'query exceeds limit of 1024 bytes');
    this.#done(seq);
    const say = (Type: string, From: string, Payload: Uint8Array | null = null): void =>
      this.#send(header(seq), { Type, From, Payload });
    const ack = flagIn(body, 'RequestAck', 'query');
    const query = {
      name: textIn(body, 'Name', 'query'),
      payload,
      nodes: listIn(body, 'FilterNodes', 'query').map(String),
      tags: textsOf(body.get('FilterTags'), 'query'),
    };
    this.#agent.cluster.query(query, {
      got: (member) => ack && say('ack', member),
      response: (member, response) => say('response', member, response),
    });
    setTimeout(() => say('done', ''), Number(largeIn(body, 'Timeout', 'query') / 1_000_000n)).unref();
  }

  #respond(body: Fields): string {
    const respond = this.#queries.get(largeIn(body, 'ID', 'respond'));
    if (respond === undefined) return 'No pending queries matching ID';
    this.#queries.delete(largeIn(body, 'ID', 'respond'));
    respond(bytesIn(body, 'Payload', 'respond'));
    return '';
  }

  #stream(seq: number, types: string): void {
    if (!validTypes(types)) return this.#done(seq, 'Invalid event filter');
    this.#streams.set(seq, types);
    this.#done(seq);
  }

  #watch(seq: number, level: string): void {
    if (!/^(trace|debug|info|warn|err)$/i.test(level)) return this.#done(seq, `Unknown log level: ${level}`);
    if (this.#monitor !== undefined) return this.#done(seq, 'Monitor already exists');
    this.#monitor = seq;
    this.#done(seq);
  }

  /** What a request said, of which the double keeps a list. */
  static read(value: unknown): { command: string; seq: number } {
    const fields = fieldsOf(value, 'header of a request');
    return {
      command: textIn(fields, 'Command', 'header of a request'),
      seq: countIn(fields, 'Seq', 'header of a request'),
    };
  }
}
