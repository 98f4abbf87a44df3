import type { Bus, IncomingMessage, OutgoingMessage } from '../bus.ts';
import type { ContractBus, ContractBusOptions, ContractHarness } from './harness.ts';

/** Everything here happens within milliseconds; a loaded machine and a reconnection may take some seconds. */
export const PATIENCE_ms = 60_000;

/** How long the suite listens before it believes that nothing comes. */
export const SILENCE_ms = 400;

/** The harness of the test that runs, and the buses that are made in it. */
export class Stage {
  #harness: ContractHarness | undefined;
  #run = 0;
  readonly #made: ContractBus[] = [];

  get harness(): ContractHarness {
    if (this.#harness === undefined) throw new Error('no test runs');
    return this.#harness;
  }

  open(harness: ContractHarness): void {
    this.#harness = harness;
    this.#run += 1;
  }

  async close(): Promise<void> {
    await Promise.all(this.#made.splice(0).map(({ bus }) => bus.stop(100)));
    await this.#harness?.close();
  }

  readonly make = async (id: string, options: Omit<ContractBusOptions, 'clientId'> = {}): Promise<ContractBus> => {
    const bus = await this.harness.makeBus({ clientId: `${id}-${this.#run}`, ...options });
    this.#made.push(bus);
    return bus;
  };

  readonly started = async (id: string, options: Omit<ContractBusOptions, 'clientId'> = {}): Promise<ContractBus> => {
    const made = await this.make(id, options);
    await made.bus.start(AbortSignal.timeout(PATIENCE_ms));
    return made;
  };
}

/** All that a bus hears on a filter, as it comes. */
export async function listen(bus: Bus, filter: string): Promise<IncomingMessage[]> {
  const heard: IncomingMessage[] = [];
  await bus.subscribe(filter, (message) => heard.push(message));
  return heard;
}

/** A retained message of state at QoS 1. */
export function state(topic: string, payload: string): OutgoingMessage {
  return { topic, payload, qos: 1, retain: true };
}

export function text(message: IncomingMessage): string {
  return Buffer.from(message.payload).toString();
}

/** The newest payload of each topic. */
export function byTopic(messages: readonly IncomingMessage[]): Record<string, string> {
  return Object.fromEntries(messages.map((message) => [message.topic, text(message)]));
}
