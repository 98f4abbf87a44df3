import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest, type RequestOptions } from 'node:https';
import type { z } from 'zod';
import { onOneLine } from '../../services/names.ts';

/** Where an API is and how one comes in. */
export interface Entrance {
  readonly tls: boolean;
  /** Host and port or a socket's path, headers, certificates. */
  readonly options: RequestOptions;
  /** Stands before every path, without a slash at its end. */
  readonly prefix: string;
  /** What no message may quote, whatever an API says. */
  readonly secrets: readonly string[];
}

/** Why a request failed, as far as a mend depends on it. */
export interface Failure {
  /** The status of the answer. */
  readonly status?: number;
  /** A system error's: `ECONNREFUSED`. */
  readonly code?: string;
}

export interface JsonApiOptions {
  /** What is asked, for people: `Docker at unix:///var/run/docker.sock`. */
  readonly what: string;
  /** Asked before each request, since tokens and certificates are replaced now and then. */
  readonly entrance: () => Promise<Entrance>;
  /** What to do about a failure. */
  readonly mend: (failure: Failure) => string;
  /** How long an answer may take: a listing as a whole, a stream until it begins. */
  readonly timeout_ms: number;
  /** A stream that is silent for longer is broken. */
  readonly silence_ms: number;
}

/** An API did not answer as it should; the message has the thing, the cause and the mend. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number | undefined;

  constructor(message: string, status: number | undefined, cause: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** Some thousand services are ten megabytes of JSON; what is larger is no list of services. */
const MOST_CHARACTERS = 64 << 20;
/** Of one message in a stream: no orchestrator lets a service be larger than two megabytes. */
const MOST_LINE_CHARACTERS = 8 << 20;
/** Of what is said with an error. */
const MOST_ERROR_CHARACTERS = 64 << 10;
/** So soon a peer that is gone without a word is asked whether it is there. */
const KEEP_ALIVE_ms = 10_000;

/** Asks an HTTP API for JSON: one value, or a stream of one in each line. Each request has a connection of its own. */
export class JsonApi {
  readonly #options: JsonApiOptions;

  constructor(options: JsonApiOptions) {
    this.#options = options;
  }

  /** @throws {ApiError}, also where the answer is not of the schema; the signal's reason when that is aborted. */
  async get<Value>(path: string, schema: z.ZodType<Value>, signal: AbortSignal): Promise<Value> {
    const late = new Countdown(this.#options.timeout_ms);
    try {
      const answer = await this.#open(path, AbortSignal.any([signal, late.signal]));
      return read(schema, parse(await textOf(answer, MOST_CHARACTERS)));
    } catch (error) {
      throw this.#explained(path, error, signal, late, 'no whole answer');
    } finally {
      late.stop();
    }
  }

  /**
   * Opens a stream and gives it once the API has begun to answer. It ends with the API's end of it, throws where it
   * breaks, and leaves nothing open when it is left.
   *
   * @throws {ApiError}; the signal's reason when that is aborted.
   */
  async stream(path: string, signal: AbortSignal): Promise<AsyncGenerator<unknown, void>> {
    const late = new Countdown(this.#options.timeout_ms);
    try {
      const answer = await this.#open(path, AbortSignal.any([signal, late.signal]));
      late.begin(this.#options.silence_ms);
      return this.#values(path, answer, signal, late);
    } catch (error) {
      late.stop();
      throw this.#explained(path, error, signal, late, 'no answer');
    }
  }

  /** An error about what an API said; the cause follows its name: `gave no list`. */
  complaint(path: string, cause: string, failure: Failure = {}, error?: unknown): ApiError {
    const { what, mend } = this.#options;
    return new ApiError(`${what}: GET ${path.split('?')[0]} ${cause}; ${mend(failure)}`, failure.status, error);
  }

  async *#values(
    path: string,
    answer: IncomingMessage,
    signal: AbortSignal,
    late: Countdown,
  ): AsyncGenerator<unknown, void> {
    try {
      let rest = '';
      for await (const chunk of answer as AsyncIterable<string>) {
        late.begin(this.#options.silence_ms);
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > MOST_LINE_CHARACTERS) throw new Misunderstood('a message without end');
        for (const line of lines) if (line.trim() !== '') yield parse(line);
      }
      if (rest.trim() !== '') throw new Misunderstood('the end in the middle of a message');
    } catch (error) {
      throw this.#explained(path, error, signal, late, 'nothing');
    } finally {
      late.stop();
    }
  }

  async #open(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { tls, options, prefix, secrets } = await unlessAborted(this.#options.entrance(), signal);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const send = tls ? tlsRequest : plainRequest;
      const request = send({ ...options, path: `${prefix}${path}`, method: 'GET', signal }, resolve);
      request.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_ms));
      request.on('error', reject);
      request.end();
    });
    answer.setEncoding('utf8');
    if (answer.statusCode === 200) return answer;
    const text = await textOf(answer, MOST_ERROR_CHARACTERS);
    throw new Refused(answer.statusCode ?? 0, without(secrets, messageIn(text)));
  }

  #explained(path: string, error: unknown, signal: AbortSignal, late: Countdown, nothing: string): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof ApiError) return error;
    const say = (cause: string, failure: Failure): ApiError => this.complaint(path, cause, failure, error);
    if (late.signal.aborted) return say(`gave ${nothing} within ${late.ms} ms`, { code: 'ETIMEDOUT' });
    if (error instanceof Refused) return say(`was refused (${error.status}): ${error.message}`, error);
    if (error instanceof Misunderstood) return say(`gave ${error.message}`, {});
    if (!(error instanceof Error) || !('code' in error)) return error;
    const code = String(error.code);
    return say(code === 'ECONNRESET' ? `was cut off (${code})` : `failed: ${error.message || code}`, { code });
  }
}

/** An answer that says no. */
class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** An answer that is none. */
class Misunderstood extends Error {}

/** Time that runs out, unless it is begun anew. */
class Countdown {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** How long it is. */
  ms = 0;

  constructor(ms: number) {
    this.begin(ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(ms: number): void {
    this.stop();
    this.ms = ms;
    this.#timer = setTimeout(() => this.#controller.abort(), ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** What a promise gives, unless the signal is aborted before: a program that makes tokens may hang. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort);
  try {
    if (signal.aborted) abort();
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function textOf(answer: IncomingMessage, most: number): Promise<string> {
  let text = '';
  for await (const chunk of answer as AsyncIterable<string>) {
    text += chunk;
    if (text.length > most) throw new Misunderstood(`more than ${most >> 10} KiB`);
  }
  return text;
}

/** @throws {Misunderstood} which does not quote it: it may be anything. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Misunderstood('what is not JSON');
  }
}

/** @throws {Misunderstood} which names the place, and does not quote what stands there. */
function read<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  const { path = [], message = '' } = error.issues[0] ?? {};
  throw new Misunderstood(`what is not expected (${path.join('.') || 'the whole'}: ${message})`);
}

/** Docker and Kubernetes both say why in a field `message`. */
function messageIn(text: string): string {
  let message: unknown;
  try {
    message = (JSON.parse(text) as { message?: unknown } | null)?.message;
  } catch {
    // Proxies answer in HTML or in words.
  }
  return onOneLine(typeof message === 'string' ? message : text) || 'it does not say why';
}

function without(secrets: readonly string[], text: string): string {
  return secrets.reduce((clean, secret) => (secret === '' ? clean : clean.replaceAll(secret, '[secret]')), text);
}
