import { VERSION } from '@guaita/service';
import type { ExportConfig } from './config.ts';
import { REMOTE_WRITE_HEADERS } from './remote-write.ts';

/** A store that does not answer for so long is away. */
const TIMEOUT_ms = 30_000;
/** Of what a store says of an error, so much is for people. */
const REASON_MAX_length = 300;
/** Nobody is to keep us silent for longer than that. */
const RETRY_AFTER_MOST_ms = 900_000;

/**
 * Statuses that are no word on the samples: what is wrong is the address or the credentials, or the moment. Samples wait
 * for the mend, since a wrong password is no reason to lose them.
 */
const NOT_ABOUT_SAMPLES = new Set([401, 403, 404, 405, 407, 408, 421, 425, 429]);

/** How a store answered. */
export type Outcome =
  | { readonly kind: 'taken' }
  /** To be tried again, not before `after_ms` where it says so. */
  | { readonly kind: 'later'; readonly reason: string; readonly after_ms?: number; readonly isSetUpWrong: boolean }
  /** It will never take this. */
  | { readonly kind: 'refused'; readonly reason: string };

/** What a status means. @param retryAfter the header of that name: seconds or a date (RFC 9110 §10.2.3). */
export function outcomeOf(status: number, said: string, retryAfter: string | null, wall_ms: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  const words = said.replaceAll(/\s+/g, ' ').trim().slice(0, REASON_MAX_length);
  const reason = `HTTP ${status}${words === '' ? '' : `: ${words}`}`;
  if (status >= 400 && status < 500 && !NOT_ABOUT_SAMPLES.has(status)) return { kind: 'refused', reason };
  const isSetUpWrong = [401, 403, 404, 405, 407].includes(status) || (status >= 300 && status < 400);
  const after_ms = retryAfter_ms(retryAfter, wall_ms);
  return { kind: 'later', reason, isSetUpWrong, ...(after_ms === undefined ? {} : { after_ms }) };
}

function retryAfter_ms(header: string | null, wall_ms: number): number | undefined {
  if (header === null) return undefined;
  const wanted_ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - wall_ms;
  return Number.isNaN(wanted_ms) ? undefined : Math.min(RETRY_AFTER_MOST_ms, Math.max(0, wanted_ms));
}

/** The store, over HTTP. */
export class Destination {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url, username, password, bearer_token }: ExportConfig) {
    this.#url = url;
    const basic = Buffer.from(`${username}:${password}`).toString('base64');
    this.#headers = {
      ...REMOTE_WRITE_HEADERS,
      'user-agent': `guaita/${VERSION}`,
      ...(username === undefined ? {} : { authorization: `Basic ${basic}` }),
      ...(bearer_token === undefined ? {} : { authorization: `Bearer ${bearer_token}` }),
    };
  }

  /** Gives it a body of remote write. Never throws but when the signal aborts. */
  async post(body: Uint8Array, signal: AbortSignal): Promise<Outcome> {
    try {
      const response = await fetch(this.#url, {
        ...{ method: 'POST', headers: this.#headers, body: Buffer.from(body) },
        // Credentials go nowhere else.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_ms)]),
      });
      return outcomeOf(response.status, await response.text(), response.headers.get('retry-after'), Date.now());
    } catch (error) {
      signal.throwIfAborted();
      return { kind: 'later', reason: reasonOf(error), isSetUpWrong: false };
    }
  }
}

/** `fetch` says why only in its error’s cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
