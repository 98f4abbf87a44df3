import type { Connection } from './connection.ts';
import { ProtocolError, RequestTimeoutError } from './errors.ts';
import type { Timers } from './timers.ts';
import { integer } from './wire/encode.ts';
import { bytesIn, textIn, type Fields } from './wire/fields.ts';

/** A question to the members of a cluster. */
export interface Query {
  /** Members know by it what is asked. */
  readonly name: string;
  /** Name, payload and what goes with them: 1,024 bytes unless the agent was told otherwise. */
  readonly payload?: Uint8Array;
  /** Only these members, by name. Default: all. */
  readonly nodes?: readonly string[];
  /** Only members with such tags: regular expressions of Go (RE2) by name. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Has every member that gets the question say so. Default: no. */
  readonly ack?: boolean;
  /** How many other members carry each response as well, where packets are lost. Default 0. */
  readonly relayFactor?: number;
  /** How long members may answer; the query lasts as long. Default 5,000. */
  readonly lasts_ms?: number;
}

/** Told while a query lasts. */
export interface QueryListener {
  /** A member got the question. */
  ack?(member: string): void;
  response?(member: string, payload: Uint8Array): void;
}

const LASTS_ms = 5_000;

const NANOSECONDS_PER_ms = 1_000_000;

/**
 * Asks, and tells what comes.
 *
 * @param signal ends the wait only: members go on answering, and nobody is told.
 * @returns when the time of the query is up.
 */
export async function ask(
  connection: Connection,
  { name, payload, nodes, tags, ack = false, relayFactor = 0, lasts_ms = LASTS_ms }: Query,
  listener: QueryListener,
  { timeout_ms, timers, signal }: { timeout_ms: number; timers: Timers; signal: AbortSignal | undefined },
): Promise<void> {
  const body = {
    Name: name,
    Payload: payload ?? null,
    FilterNodes: nodes ?? null,
    FilterTags: tags ?? null,
    RequestAck: ack,
    RelayFactor: relayFactor,
    Timeout: integer(Math.round(lasts_ms * NANOSECONDS_PER_ms)),
  };
  const read = (): void => undefined;
  await new Promise<void>((resolve, reject) => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', abort);
    };
    const abort = (): void => fail(signal?.reason as Error);
    const fail = (error: Error): void => {
      end();
      reject(error);
    };
    const cancel = timers.after(lasts_ms + timeout_ms, () => {
      connection.close(new RequestTimeoutError(`${connection.name}: query: no end within ${lasts_ms + timeout_ms} ms`));
    });
    signal?.addEventListener('abort', abort, { once: true });
    const record = (fields: Fields): void => {
      const type = textIn(fields, 'Type', 'query');
      if (type === 'done') {
        connection.over(stream.seq);
        end();
        resolve();
      } else if (signal?.aborted !== true) tell(listener, type, fields);
    };
    const request = { command: 'query', body, answer: 'never', timeout_ms, read } as const;
    const stream = connection.stream(request, { record, ended: fail }, signal);
    stream.answered.catch(fail);
  });
}

function tell(listener: QueryListener, type: string, record: Fields): void {
  const from = textIn(record, 'From', 'query');
  if (type === 'ack') listener.ack?.(from);
  else if (type === 'response') listener.response?.(from, bytesIn(record, 'Payload', 'query'));
  else throw new ProtocolError(`query: a record of the kind "${type}" came`);
}
