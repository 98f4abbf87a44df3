import type { Wire } from '@guaita/bus';
import { systemClock, type CommonConfig } from '@guaita/service';
import type { Id } from '@guaita/model';
import type { Logger } from 'pino';
import { Follower } from '../live/follow.ts';
import type { Output } from '../output.ts';
import { readerWire } from './reader.ts';

export interface LiveViewOptions {
  readonly common: CommonConfig;
  /** In the client id, for who looks at the broker's log. */
  readonly purpose: string;
  readonly json: boolean;
  readonly alertsOnly?: boolean;
  readonly output: Output;
  readonly log: Logger;
  /** The monitor whose name goes without saying. */
  readonly self?: Id;
}

/** The lines that `up` and `watch` print, with the connection that they come over. */
export class LiveView {
  readonly #wire: Wire;
  readonly #follower: Follower;

  constructor({ common, purpose, json, alertsOnly = false, output, log, self }: LiveViewOptions) {
    this.#wire = readerWire(common, purpose, log, Math.random);
    this.#follower = new Follower(this.#wire, {
      clock: systemClock,
      json,
      alertsOnly,
      print: (line) => output.print(line),
      render: { colour: output.isTerminal, ...(self === undefined ? {} : { self }) },
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#wire.bus.start(signal);
    await this.#follower.start();
  }

  async stop(): Promise<void> {
    await this.#follower.stop();
    await this.#wire.bus.stop();
  }
}
