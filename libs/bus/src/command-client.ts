import { randomBytes } from 'node:crypto';
import { channels, type Channel, type Reply } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { z } from 'zod';
import type { Wire } from './wire.ts';

/** Done means on disk, which takes a Pi's card a second at worst; a monitor that just takes over needs 4 s. */
export const ANSWER_ms = 10_000;

/** 64 random bits: an answer to somebody else's request is never taken for ours. */
const REQUEST_bytes = 8;

/** Gives commands to the monitor that speaks on the broker, and hears what becomes of them. */
export class CommandClient {
  readonly #wire: Wire;
  readonly #user: Id;
  readonly #waiting = new Map<string, (reply: Reply) => void>();
  #end: (() => Promise<void>) | undefined;

  /** @param user the user of the broker below whose name answers are wanted: there others neither read nor write. */
  constructor(wire: Wire, user: Id) {
    this.#wire = wire;
    this.#user = user;
  }

  /** @throws {BusError} when the broker does not let us hear the answers. */
  async start(): Promise<void> {
    this.#end = await this.#wire.hear(channels.reply, { user: this.#user }, ({ parameters, value }) => {
      if (value !== undefined) this.#waiting.get(parameters.request)?.(value);
    });
  }

  async stop(): Promise<void> {
    await this.#end?.();
    this.#end = undefined;
  }

  /**
   * Gives one command, whose payload its hearer checks. It is done as a whole or not at all.
   *
   * @returns the answer; `undefined` when nobody gave one in time: it may be done.
   * @throws {BusError} when it cannot be given.
   */
  async ask(
    channel: Channel<string, z.ZodType>,
    payload: unknown,
    patience_ms: number = ANSWER_ms,
  ): Promise<Reply | undefined> {
    // Each has its own request: an answer that is delivered twice never answers for another command.
    const request = randomBytes(REQUEST_bytes).toString('hex');
    const { promise, resolve } = Promise.withResolvers<Reply | undefined>();
    this.#waiting.set(request, resolve);
    const timer = setTimeout(() => resolve(undefined), patience_ms);
    try {
      const { base, bus } = this.#wire;
      const responseTopic = channels.reply.topic(base, { user: this.#user, request });
      const topic = channel.topic(base, {});
      // What nobody waits for any more is not to be done at some later time, when the broker is back.
      const expiry_s = Math.ceil(patience_ms / 1000);
      bus.publish({ topic, payload: JSON.stringify(payload), qos: 1, retain: false, responseTopic, expiry_s });
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(request);
    }
  }
}
