import { fields, text } from '../network/read.ts';

/** Who uses the page, and with what. */
export interface Me {
  readonly name: string;
  readonly role: 'viewer' | 'operator';
  readonly monitor: string;
  readonly base: string;
  readonly version: string;
  /** Whether one comes in by a token here. */
  readonly tokens: boolean;
}

/** The page's server refused, or did not answer. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  /** Of HTTP; 0 when nothing answered. */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** The page's own server answers at once or not at all. */
const PATIENCE_ms = 20_000;

/** Asks the page's server. @throws {ServerError} */
export async function ask(path: string, options: { body?: unknown; signal?: AbortSignal } = {}): Promise<unknown> {
  const patience = AbortSignal.timeout(PATIENCE_ms);
  const signal = options.signal === undefined ? patience : AbortSignal.any([patience, options.signal]);
  const sent =
    options.body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(options.body) };
  let response: Response;
  try {
    response = await fetch(`/api/${path}`, { ...sent, signal, credentials: 'same-origin' });
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw new ServerError(0, 'The page’s server does not answer.', { cause });
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new ServerError(response.status, whyOf(answer) ?? `The server answered ${response.status}.`);
  return answer;
}

/** What the server gives as its reason. */
function whyOf(answer: unknown): string | undefined {
  return text(fields(answer)?.['problem']);
}

/** Whether the server says that there is no history here. */
export function hasNoHistory(error: unknown): boolean {
  return error instanceof ServerError && (error.status === 404 || error.status === 501 || error.status === 503);
}
