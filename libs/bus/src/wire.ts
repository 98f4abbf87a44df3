import {
  channels,
  DEFAULT_BASE,
  expirySeconds,
  PayloadError,
  type Channel,
  type Parameters,
  type Reply,
} from '@guaita/messages';
import type { z } from 'zod';
import type { Bus, IncomingMessage, SubscribeOptions } from './bus.ts';

/** A message of a channel, read and checked. `value` is `undefined` when the message was cleared (empty payload). */
export interface Heard<Path extends string, Schema extends z.ZodType> {
  readonly parameters: Parameters<Path>;
  readonly value: z.output<Schema> | undefined;
  readonly message: IncomingMessage;
}

/** The bus as services use it: in channels of the wire contract instead of topics and bytes. */
export class Wire {
  readonly bus: Bus;
  readonly base: string;
  readonly #onInvalid: (error: PayloadError) => void;

  /** @param onInvalid told of every message on a subscribed channel that breaks the contract; it reaches no handler. */
  constructor(bus: Bus, onInvalid: (error: PayloadError) => void, base: string = DEFAULT_BASE) {
    this.bus = bus;
    this.base = base;
    this.#onInvalid = onInvalid;
  }

  /** The same channels over another connection. */
  over(bus: Bus): Wire {
    return new Wire(bus, this.#onInvalid, this.base);
  }

  /**
   * Publishes a value as its channel prescribes.
   *
   * @param interval_s the interval of the check behind it, where the channel's expiry counts in intervals.
   */
  say<Path extends string, Schema extends z.ZodType>(
    channel: Channel<Path, Schema>,
    parameters: Parameters<Path>,
    value: z.output<Schema>,
    interval_s?: number,
  ): void {
    const { qos, retained, expiry, measurement = false } = channel.definition;
    this.bus.publish({
      topic: channel.topic(this.base, parameters),
      payload: channel.encode(value),
      qos,
      retain: retained,
      measurement,
      ...(expiry === undefined ? {} : { expiry_s: expirySeconds(expiry, interval_s) }),
    });
  }

  /**
   * Answers a command where its asker wants the answer. A response topic that is none of channel `reply` is not answered
   * to: a service may write where its asker may not, and would lend it that right.
   *
   * @returns whether it was answered.
   */
  reply({ responseTopic, correlationData }: IncomingMessage, value: Reply): boolean {
    const { reply } = channels;
    if (responseTopic === undefined || reply.parse(this.base, responseTopic) === undefined) return false;
    const { qos, retained } = reply.definition;
    const message = { topic: responseTopic, payload: reply.encode(value), qos, retain: retained };
    this.bus.publish({ ...message, ...(correlationData === undefined ? {} : { correlationData }) });
    return true;
  }

  /** Takes a channel's retained message away. */
  clear<Path extends string, Schema extends z.ZodType>(
    channel: Channel<Path, Schema>,
    parameters: Parameters<Path>,
  ): void {
    this.bus.publish({ topic: channel.topic(this.base, parameters), payload: '', qos: 1, retain: true });
  }

  /**
   * Hears a channel; parameters that are left out match any. The function that it gives ends that.
   *
   * @param options `qos`: default, the channel's. `ALL_KEPT` where the broker keeps very much of it.
   */
  hear<Path extends string, Schema extends z.ZodType>(
    channel: Channel<Path, Schema>,
    parameters: Partial<Parameters<Path>>,
    handler: (heard: Heard<Path, Schema>) => void,
    options: SubscribeOptions = {},
  ): Promise<() => Promise<void>> {
    const { qos, clearable = false } = channel.definition;
    const receive = (message: IncomingMessage): void => {
      const found = channel.parse(this.base, message.topic);
      if (found === undefined) {
        this.#onInvalid(new PayloadError(message.topic, `is no topic of channel ${channel.definition.name}`));
        return;
      }
      let value: z.output<Schema> | undefined;
      try {
        if (!(clearable && message.payload.length === 0)) value = channel.decode(message.topic, message.payload);
      } catch (error) {
        if (!(error instanceof PayloadError)) throw error;
        this.#onInvalid(error);
        return;
      }
      handler({ parameters: found, value, message });
    };
    return this.bus.subscribe(channel.filter(this.base, parameters), receive, { qos, ...options });
  }
}
