import { encoded } from './wire/encode.ts';
import type { Fields } from './wire/fields.ts';

/** One command to an agent. */
export interface Request<T> {
  readonly command: string;
  /** Nothing, where the command takes nothing. */
  readonly body?: Readonly<Record<string, unknown>>;
  /**
   * Whether a body follows the header of the answer: `always`, with `success` only, or `never`. A header does not say it, and
   * one who is wrong about it reads all that comes after wrongly.
   */
  readonly answer: 'always' | 'success' | 'never';
  /** How long the agent may take over it, once it has answered those before. */
  readonly timeout_ms: number;
  /**
   * Reads that body (an empty one, where none follows), before anything that comes after it is looked at.
   *
   * @throws {ProtocolError} when it is not as such ones are.
   */
  read(body: Fields): T;
}

/** A request that is answered without a body. */
export function simple(command: string, body: Readonly<Record<string, unknown>>, timeout_ms: number): Request<void> {
  return { command, body, answer: 'never', timeout_ms, read: () => undefined };
}

/** The wire form: a header, and the body if there is one. */
export function encodeRequest({ command, body }: Request<unknown>, seq: number): Uint8Array {
  const header = { Command: command, Seq: seq };
  return body === undefined ? encoded(header) : encoded(header, body);
}

/** Whether a body follows a header with this error text (empty: none). */
export function bodyFollows({ answer }: Request<unknown>, error: string): boolean {
  return answer === 'always' || (answer === 'success' && error === '');
}
