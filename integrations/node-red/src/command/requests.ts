import { randomBytes } from 'node:crypto';
import { channels } from '@guaita/messages';
import type { Hearing, Link } from '../broker/link.ts';

type Reply = Readonly<Record<string, unknown>>;

/** Whoever waits for longer does not wait for an answer. */
const TIMEOUT_MOST_s = 86_400;

/** A command that was not answered, or answered with a refusal; the message says which, and why. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
}

/** Gives commands to the monitor that speaks on the broker, and waits for its answers. */
export class Requests {
  readonly #link: Link;
  readonly #waiting = new Map<string, (reply: Reply) => void>();
  readonly #unanswered = new Set<(error: RequestError) => void>();
  readonly #answers: Hearing;

  constructor(link: Link) {
    this.#link = link;
    this.#answers = link.hear(channels.reply.filter(link.base, { user: link.user }), ({ topic, value }) => {
      const request = channels.reply.parse(link.base, topic)?.request;
      if (request !== undefined && value !== undefined) this.#waiting.get(request)?.(value);
    });
    // Whoever asks is told.
    this.#answers.granted.catch(() => undefined);
  }

  /**
   * @param verb below `command/`.
   * @param timeout_s how long the answer is waited for. A command that has not reached the broker by then never does.
   * @returns the answer as it came.
   * @throws {RequestError} when it cannot be given, nobody answers in time, or the answer is a refusal.
   * @throws {BusError} when the broker does not let us hear answers.
   */
  async ask(verb: string, payload: object, timeout_s: number): Promise<Reply> {
    const { bus, base, user } = this.#link;
    if (!(timeout_s > 0 && timeout_s <= TIMEOUT_MOST_s)) {
      throw new RequestError(`nothing was sent: the timeout is ${timeout_s}: give seconds up to ${TIMEOUT_MOST_s}`);
    }
    const text = inJson(verb, payload);
    const request = randomBytes(8).toString('hex');
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#waiting.set(request, resolve);
    this.#unanswered.add(reject);
    const timer = setTimeout(() => reject(this.#silence(verb, timeout_s)), timeout_s * 1000);
    try {
      // What cannot be given now must not be given once the flow has gone on without it.
      await Promise.race([Promise.all([this.#answers.granted, this.#link.whenConnected()]), promise]);
      bus.publish({
        topic: `${base}/command/${verb}`,
        payload: text,
        qos: 1,
        retain: false,
        expiry_s: Math.ceil(timeout_s),
        responseTopic: channels.reply.topic(base, { user, request }),
      });
      const reply = await promise;
      if (reply['ok'] === false) throw new RequestError(`refused: ${String(reply['problem'])}`);
      return reply;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(request);
      this.#unanswered.delete(reject);
    }
  }

  async stop(): Promise<void> {
    for (const reject of this.#unanswered) reject(new RequestError('the flow was stopped before the answer came'));
    await this.#answers.stop();
  }

  #silence(verb: string, timeout_s: number): RequestError {
    const { url, base, connected, trouble } = this.#link;
    if (!connected) return new RequestError(`nothing was sent within ${timeout_s} s: ${trouble}`);
    return new RequestError(
      `nobody on ${url} answered ${base}/command/${verb} within ${timeout_s} s: is the service that does it running there?`,
    );
  }
}

function inJson(verb: string, payload: object): string {
  try {
    return JSON.stringify(payload);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new RequestError(`${verb}: nothing was sent: msg.payload is no JSON (${why}); give plain values`, { cause });
  }
}
