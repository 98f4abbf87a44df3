import { setTimeout as pause } from 'node:timers/promises';
import type { BusLog } from './bus-options.ts';
import { BusError, type MessageHandler, type SubscribeOptions } from './bus.ts';
import { guarded } from './guarded.ts';
import { Subscriptions, type Delivery, type Registration } from './subscriptions.ts';
import { filterFault } from './topic-filter.ts';
import { SubscriptionRefused, type Connection } from './transport.ts';

export interface SubscriberOptions {
  /** For people: which broker. */
  readonly broker: string;
  /** How long the broker's answer to a subscription is waited for. */
  readonly answer_ms: number;
  readonly log: BusLog;
}

/** Subscribes over whichever connection there is, and hands out what comes. */
export class Subscriber {
  readonly #options: SubscriberOptions;
  readonly #subscriptions = new Subscriptions();
  #connection: Connection | undefined;

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  /** Asks a new connection for everything. Resolves when the broker has answered; what it refuses is logged. */
  async attach(connection: Connection): Promise<void> {
    this.#connection = connection;
    this.#subscriptions.reset();
    const asked = [...this.#subscriptions.all()].map(async ({ filter, asked: wanted, registrations }) => {
      try {
        await this.#answered(connection.subscribe(filter, wanted, this.#subscriptions.identify(registrations)), filter);
      } catch (error) {
        // Refused, or the connection broke. The rest of the service goes on; the next connection asks again.
        this.#options.log('error', `${this.#options.broker}: no subscription to ${filter}: ${String(error)}`);
      }
    });
    await Promise.all(asked);
  }

  detach(): void {
    this.#connection = undefined;
  }

  /** @throws {BusError} when the filter is none, or the broker refuses it. */
  async subscribe(
    filter: string,
    handler: MessageHandler,
    { qos = 1, retained = 'always' }: SubscribeOptions,
  ): Promise<() => Promise<void>> {
    const fault = filterFault(filter);
    if (fault !== undefined) throw new BusError(`cannot subscribe to ${JSON.stringify(filter)}: ${fault}`);
    const registration: Registration = { handler };
    const { asked } = this.#subscriptions.add(filter, { qos, retained }, registration);
    const connection = this.#connection;
    if (connection !== undefined) {
      const identifier = this.#subscriptions.identify([registration]);
      try {
        await this.#answered(connection.subscribe(filter, { ...asked, retained }, identifier), filter);
      } catch (cause) {
        if (cause instanceof SubscriptionRefused) {
          this.#subscriptions.remove(filter, registration);
          throw new BusError(`${this.#options.broker} refuses the subscription to ${filter}: ${cause.message}`, {
            cause,
          });
        }
        // The connection broke: the filter is subscribed with all others when it is back.
        this.#options.log('info', `subscribing to ${filter} was interrupted: ${String(cause)}`);
      }
    }
    return () => this.#unsubscribe(filter, registration);
  }

  /**
   * Gives a message to everybody who wants it.
   *
   * @throws {NotTaken} as the first of them does who cannot take it.
   */
  hand(delivery: Delivery): void {
    const { topic } = delivery.message;
    for (const handler of this.#subscriptions.route(delivery)) {
      guarded(this.#options.log, `a handler failed on ${topic}`, () => handler(delivery.message));
    }
  }

  async #unsubscribe(filter: string, registration: Registration): Promise<void> {
    if (!this.#subscriptions.remove(filter, registration)) return;
    try {
      const connection = this.#connection;
      if (connection !== undefined) await this.#answered(connection.unsubscribe(filter), filter);
    } catch (error) {
      // The connection broke, and the next one asks for what is wanted then.
      this.#options.log('info', `unsubscribing from ${filter} was interrupted: ${String(error)}`);
    }
  }

  /** Waits for the broker's answer, but not for ever. */
  async #answered(answer: Promise<void>, filter: string): Promise<void> {
    const { answer_ms, broker, log } = this.#options;
    const given = await Promise.race([answer.then(() => true), pause(answer_ms, false, { ref: false })]);
    if (given) return;
    answer.catch(() => undefined);
    log(
      'warn',
      `${broker} does not answer the subscription to ${filter}; is more retained there than its queue holds (max_queued_messages)?`,
    );
  }
}
