import { BusError, type IncomingMessage, type Wire } from '@guaita/bus';
import { channels, PayloadError, type Channel, type Reply } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { CommandError } from './command-error.ts';

/** What is shown of a response topic that is none: whoever gives it chooses its length, up to 65,535 bytes. */
const SHOWN_characters = 100;

export interface CommandsOptions {
  readonly wire: Wire;
  /** Who answers. */
  readonly monitor: Id;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** What is said in the answer besides that it is done. */
export type Said = Omit<Extract<Reply, { ok: true }>, 'ok' | 'monitor'>;

/** Hears operators' commands, has them done, and answers where an answer is wanted. */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #ends: (() => Promise<void>)[] = [];

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Hears nothing more. */
  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }

  /**
   * Hears one kind of command from now on.
   *
   * @param isOurs whether it is ours to do now; asked at each that comes.
   * @param obey does it as a whole, or throws a `CommandError` and has done nothing of it. Gives `undefined` where it turns
   *   out to be another's to do, and to answer.
   */
  async hear<Schema extends z.ZodType>(
    channel: Channel<string, Schema>,
    isOurs: () => boolean,
    obey: (command: z.output<Schema>) => Promise<Said | undefined>,
  ): Promise<void> {
    const { bus, base } = this.#options.wire;
    const receive = (message: IncomingMessage): void => {
      // Commands are not kept: what is, nobody gives now.
      if (message.retain || !isOurs()) return;
      void this.#obey(message, () => obey(channel.decode(message.topic, message.payload)));
    };
    this.#ends.push(await bus.subscribe(channel.filter(base), receive, { qos: channel.definition.qos }));
  }

  async #obey(message: IncomingMessage, obey: () => Promise<Said | undefined>): Promise<void> {
    const { wire, monitor, log } = this.#options;
    const { topic, responseTopic } = message;
    if (responseTopic !== undefined && channels.reply.parse(wire.base, responseTopic) === undefined) {
      log.warn(
        `${topic}: not done: its response topic ${JSON.stringify(responseTopic.slice(0, SHOWN_characters))} is none; give one like ` +
          `${channels.reply.topic(wire.base, { user: 'user', request: 'request' })}`,
      );
      return;
    }
    try {
      const said = await obey();
      if (said === undefined) return;
      log.info(`${topic}: done`);
      this.#answer(message, { ok: true, monitor, ...said });
    } catch (error) {
      if (!(error instanceof CommandError || error instanceof PayloadError)) throw error;
      const problem =
        error instanceof PayloadError ? `${error.message}; docs/asyncapi.yaml has its schema` : error.message;
      log.warn(`${topic}: not done: ${problem}`);
      this.#answer(message, { ok: false, monitor, problem });
    }
  }

  #answer(message: IncomingMessage, reply: Reply): void {
    const { wire, log } = this.#options;
    try {
      wire.reply(message, reply);
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      // The bus has stopped, or its outbox is full: who asked finds out by the silence.
      log.warn(`${message.topic}: the answer is not said: ${error.message}`);
    }
  }
}
