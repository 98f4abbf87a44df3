import { STATUS_CODES } from 'node:http';
import type { Outcome } from './effect.ts';

/** A phone’s gateway answers within a second or two; what takes longer is tried again. */
export const ANSWER_ms = 10_000;
export const TOO_SLOW = `it did not answer within ${ANSWER_ms / 1000} s`;
/** No receiver is waited for longer than this, whatever it asks for. */
const RETRY_AFTER_MOST_ms = 900_000;
/** What is read of an answer: enough for the sentence in which a service says what it dislikes. */
const ANSWER_bytes = 2_000;

/** A request, ready to be sent. It holds secrets: nothing of it may be shown. */
export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Statuses that mean something else for this service than for others. */
  readonly meanings?: Readonly<Record<number, Outcome>>;
}

export interface Posted {
  readonly outcome: Outcome;
  readonly status?: number;
  /** The beginning of what came back. */
  readonly answer: string;
}

/**
 * Posts a request once. Redirects are not followed: what is sent is for whoever was named, and for nobody else.
 *
 * @param signal gives it up.
 * @returns what came of it; it never throws, and tells nothing of the request.
 */
export function post({ url, headers, body, meanings }: PostRequest, signal: AbortSignal): Promise<Posted> {
  return request(url, { method: 'POST', headers, body }, signal, meanings);
}

/** Calls an address once, in the same way. */
export function get(url: string, signal: AbortSignal): Promise<Posted> {
  return request(url, { method: 'GET' }, signal);
}

async function request(
  url: string,
  init: RequestInit,
  signal: AbortSignal,
  meanings: PostRequest['meanings'] = {},
): Promise<Posted> {
  const limit = AbortSignal.timeout(ANSWER_ms);
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.any([signal, limit]) });
    const answer = await beginningOf(response);
    const { status } = response;
    const outcome = meanings[status] ?? outcomeOf(status, response.headers.get('retry-after'), Date.now());
    return { outcome, status, answer };
  } catch (error) {
    const why = signal.aborted
      ? 'it was given up'
      : limit.aborted
        ? TOO_SLOW
        : `it cannot be reached (${codeOf(error)})`;
    return { outcome: { is: 'failed', why }, answer: '' };
  }
}

/**
 * What a status means (RFC 9110 §15): too many requests, a timeout and an error of the server pass; anything else that is
 * no success is as wrong the next time.
 *
 * @param retryAfter the header of that name: seconds or a date (RFC 9110 §10.2.3).
 */
export function outcomeOf(status: number, retryAfter: string | null, wall_ms: number): Outcome {
  if (status >= 200 && status < 300) return { is: 'arrived' };
  const why = `it answered ${status}${STATUS_CODES[status] === undefined ? '' : ` ${STATUS_CODES[status]}`}`;
  if (status >= 300 && status < 400)
    return { is: 'refused', why: `${why}: redirects are not followed; give the address that it points to` };
  if (status !== 408 && status !== 429 && status < 500) return { is: 'refused', why };
  const after_ms = retryAfterOf(retryAfter, wall_ms);
  return { is: 'failed', why, ...(after_ms === undefined ? {} : { after_ms }) };
}

function retryAfterOf(text: string | null, wall_ms: number): number | undefined {
  if (text === null) return undefined;
  const asked_ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - wall_ms;
  return Number.isNaN(asked_ms) ? undefined : Math.min(Math.max(asked_ms, 0), RETRY_AFTER_MOST_ms);
}

/** The status has told all that matters: what goes wrong in the rest does not count. */
async function beginningOf(response: Response): Promise<string> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < ANSWER_bytes) {
      const { value } = await reader.read();
      if (value === undefined) break;
      text += decoder.decode(value, { stream: true });
    }
    await reader.cancel();
  } catch {
    return text.slice(0, ANSWER_bytes);
  }
  return text.slice(0, ANSWER_bytes);
}

/** `ECONNREFUSED` and its like: messages hold addresses, and a URL that is shown may be one that was to be kept secret. */
function codeOf(error: unknown): string {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string') return each.code;
    if (each instanceof AggregateError && each.errors.length > 0) return codeOf(each.errors[0]);
  }
  return 'no code';
}
