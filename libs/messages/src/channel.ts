import { isId, type Id } from '@guaita/model';
import { z } from 'zod';
import { firstMistake, type Mistake } from './first-mistake.ts';

/** Who a channel is for: all monitors' brokers, this host's services, or this broker's audience. */
export type Scope = 'bridged' | 'host' | 'local';

/** When a message of a channel stops being true: after a fixed time, or after so many intervals of its check. */
export type Expiry = { readonly after_s: number } | { readonly intervals: number };

/** The names between braces in a channel's path: `'a/{b}/{c}'` gives `'b' | 'c'`. */
type ParameterNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterNames<Rest>
  : never;

/** A value for each parameter of a path. */
export type Parameters<Path extends string> = { readonly [Name in ParameterNames<Path>]: Id };

export interface ChannelDefinition<Path extends string, Schema extends z.ZodType> {
  readonly name: string;
  /** Below the base topic, parameters in braces, each one topic level: `monitor/{monitor}/ping/{device}`. */
  readonly path: Path;
  /** The one service that writes it; `every service` when each writes its own. */
  readonly writer: string;
  readonly scope: Scope;
  readonly retained: boolean;
  readonly qos: 0 | 1;
  readonly expiry?: Expiry;
  /** Sent by the broker in the writer's place when the connection breaks. */
  readonly will?: true;
  /** An empty retained payload takes the message away. */
  readonly clearable?: true;
  /** A measurement may be given up when a bounded queue is full, the oldest first; anything else is state. */
  readonly measurement?: true;
  readonly description: string;
  readonly payload: Schema;
}

/** A payload that is not what its channel's schema says. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';
  readonly topic: string;

  constructor(topic: string, cause: string, options?: ErrorOptions) {
    super(`${topic}: ${cause}`, options);
    this.topic = topic;
  }
}

/** A parameter that is not an id, so that no topic can be made of it. */
export class TopicError extends Error {
  override readonly name = 'TopicError';
}

/**
 * A payload of more bytes is told its first mistake only, since there may be so many that to find them all stops a
 * monitor for seconds. An operator's command for some 50 devices is told all of them.
 */
const LARGE_bytes = 16 * 1024;
/** What is said of a payload that is wrong: it ends up in logs, and whoever sent it chose its size. */
const ISSUES_NAMED = 10;
const ISSUE_LENGTH = 300;

const PARAMETER = /^\{(\w+)\}$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * One kind of message of the wire contract: how its topics are built and read, and what it carries.
 * The base topic is given with each call, since one process may speak with several networks.
 */
export class Channel<Path extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly definition: ChannelDefinition<Path, Schema>;
  /**
   * Reads what is right, some times faster than the schema itself; made at the first message, in some milliseconds.
   * `z.compile` would not do: where a value is wrong it goes on to list all that is wrong with it.
   */
  #read: ((value: unknown) => z.output<Schema> | typeof z.core.INVALID) | undefined;
  readonly #levels: readonly { readonly text: string; readonly parameter: string | undefined }[];

  constructor(definition: ChannelDefinition<Path, Schema>) {
    this.definition = definition;
    this.#levels = definition.path.split('/').map((text) => ({ text, parameter: PARAMETER.exec(text)?.[1] }));
  }

  /** The parameters' names in the order of the path. */
  get parameters(): string[] {
    return this.#levels.flatMap(({ parameter }) => parameter ?? []);
  }

  /** @throws {TopicError} when a parameter is no id. */
  topic(base: string, parameters: Parameters<Path>): string {
    return this.#join(base, parameters, (name, value) => {
      if (value === undefined || !isId(value)) {
        throw new TopicError(
          `${this.definition.name}: ${name} ${JSON.stringify(value)} is not an id (a-z, 0-9, ".", "_", "-"; at most 63)`,
        );
      }
      return value;
    });
  }

  /** A subscription to this channel; a parameter that is left out matches any.
   * @throws {TopicError} when a given parameter is no id. */
  filter(base: string, parameters: Partial<Parameters<Path>> = {}): string {
    return this.#join(base, parameters, (name, value) => {
      if (value === undefined) return '+';
      if (!isId(value)) throw new TopicError(`${this.definition.name}: ${name} ${JSON.stringify(value)} is not an id`);
      return value;
    });
  }

  /** The parameters in a topic; `undefined` when the topic is not of this channel or holds something that is no id. */
  parse(base: string, topic: string): Parameters<Path> | undefined {
    if (!topic.startsWith(`${base}/`)) return undefined;
    const levels = topic.slice(base.length + 1).split('/');
    if (levels.length !== this.#levels.length) return undefined;
    const parameters: Record<string, Id> = {};
    for (const [index, { text, parameter }] of this.#levels.entries()) {
      const level = levels[index] ?? '';
      if (parameter === undefined ? level !== text : !isId(level)) return undefined;
      if (parameter !== undefined) parameters[parameter] = level;
    }
    return parameters as Parameters<Path>;
  }

  /** The payload as it goes on the wire. The value is trusted: it comes from our own code, whose types hold it. */
  encode(value: z.output<Schema>): string {
    return JSON.stringify(value);
  }

  /**
   * Reads a payload. Unknown fields are passed over, since fields are added as versions go by.
   *
   * @throws {PayloadError} when it is not UTF-8, not JSON, or not what the schema says; the message says where and why.
   */
  decode(topic: string, payload: Uint8Array): z.output<Schema> {
    let value: unknown;
    try {
      value = JSON.parse(utf8.decode(payload));
    } catch (cause) {
      throw new PayloadError(topic, 'the payload is not UTF-8 JSON', { cause });
    }
    this.#read ??= z.core.compileFn(this.definition.payload);
    const read = this.#read(value);
    return read === z.core.INVALID ? this.#readWrong(topic, value, payload.length > LARGE_bytes) : read;
  }

  /** Says what is wrong with a value; or reads it where the fast way could not tell. */
  #readWrong(topic: string, value: unknown, isLarge: boolean): z.output<Schema> {
    const mistake = isLarge ? firstMistake(this.definition.payload, value) : undefined;
    if (mistake !== undefined) throw new PayloadError(topic, inWords(mistake));
    const result = this.definition.payload.safeParse(value);
    if (!result.success) {
      const { issues } = result.error;
      const named = issues.slice(0, ISSUES_NAMED).map(inWords);
      if (issues.length > ISSUES_NAMED) named.push(`and ${issues.length - ISSUES_NAMED} more`);
      throw new PayloadError(topic, named.join('; '));
    }
    return result.data;
  }

  #join(
    base: string,
    parameters: Readonly<Record<string, Id | undefined>>,
    level: (name: string, value: Id | undefined) => string,
  ): string {
    const levels = this.#levels.map(({ text, parameter }) =>
      parameter === undefined ? text : level(parameter, parameters[parameter]),
    );
    return `${base}/${levels.join('/')}`;
  }
}

function inWords({ path, message }: Mistake): string {
  return `${path.join('.') || 'payload'}: ${message}`.slice(0, ISSUE_LENGTH);
}
