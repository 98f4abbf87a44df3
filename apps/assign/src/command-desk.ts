import { BusError, type IncomingMessage, type Wire } from '@guaita/bus';
import type { Change, KnownDevices, MonitorView } from '@guaita/cluster';
import {
  channels,
  PayloadError,
  type AddDevices,
  type Channel,
  type DrainMonitor,
  type ForgetMonitor,
  type RemoveDevices,
  type Reply,
} from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { circles } from './inventory/circles.ts';

/** The feeder of what operators enter by command. */
export const BY_COMMAND: Id = 'command';

/** What a command is judged by. */
interface Knowledge {
  readonly inventory: KnownDevices;
  monitors(): ReadonlyMap<Id, MonitorView>;
  /** The newest incarnation of a monitor that is known. */
  incarnationOf(monitor: Id): number | undefined;
}

export interface CommandDeskOptions {
  readonly wire: Wire;
  readonly monitor: Id;
  readonly log: Logger;
  readonly knowledge: Knowledge;
  /** Whether it is this monitor's turn to act, where several share the broker. */
  readonly speaks: () => boolean;
  /**
   * Does it; resolves when it is on disk.
   *
   * @throws {CommandError} when it cannot be done, or is done and cannot be kept.
   */
  readonly intend: (changes: readonly Change[]) => Promise<void>;
}

/** Why a command is not done: cause and mend. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Hears operators' commands, checks them, has them done, and answers where an answer is wanted. */
export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #ends: (() => Promise<void>)[] = [];

  constructor(options: CommandDeskOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#hear(channels.addDevices, (command) => this.#add(command));
    await this.#hear(channels.removeDevices, (command) => this.#remove(command));
    await this.#hear(channels.drainMonitor, (command) => this.#drain(command));
    await this.#hear(channels.forgetMonitor, (command) => this.#forget(command));
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }

  async #hear<Schema extends z.ZodType>(
    channel: Channel<string, Schema>,
    changesOf: (command: z.output<Schema>) => Change[],
  ): Promise<void> {
    const { wire, speaks } = this.#options;
    const receive = (message: IncomingMessage): void => {
      // Commands are not kept: what is, nobody gives now.
      if (!message.retain && speaks())
        void this.#obey(message, () => changesOf(channel.decode(message.topic, message.payload)));
    };
    this.#ends.push(await wire.bus.subscribe(channel.filter(wire.base), receive, { qos: channel.definition.qos }));
  }

  async #obey(message: IncomingMessage, changesOf: () => Change[]): Promise<void> {
    const { wire, monitor, log, intend } = this.#options;
    const { topic, responseTopic } = message;
    if (responseTopic !== undefined && channels.reply.parse(wire.base, responseTopic) === undefined) {
      log.warn(
        `${topic}: not done: its response topic ${JSON.stringify(responseTopic)} is none; give one like ` +
          `${channels.reply.topic(wire.base, { user: 'user', request: 'request' })}`,
      );
      return;
    }
    try {
      const changes = changesOf();
      await intend(changes);
      log.info({ changes: changes.length }, `${topic}: done`);
      this.#answer(message, { ok: true, monitor });
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

  #add({ devices }: AddDevices): Change[] {
    const { inventory } = this.#options.knowledge;
    const added = new Map<Id, Id[]>();
    for (const { device, parents } of devices) {
      if (added.has(device)) throw new CommandError(`device "${device}" is given twice; give it once`);
      added.set(device, parents);
    }
    for (const [device, parents] of added) {
      const lost = parents.find((parent) => !added.has(parent) && !inventory.has(parent));
      if (lost !== undefined)
        throw new CommandError(`parent "${lost}" of device "${device}" is no device; add it too, or take it out`);
    }
    const edges = new Map([...inventory].map(([device, { parents }]): [Id, readonly Id[]] => [device, parents]));
    for (const [device, parents] of added) edges.set(device, parents);
    const circle = circles(edges).find((each) => each.some((device) => added.has(device)));
    if (circle !== undefined) {
      const path = [...circle, circle[0]].join(' → ');
      throw new CommandError(`parents would go in a circle: ${path}; take one of them out`);
    }
    return devices.map(({ name, ...device }) => ({
      kind: 'device',
      subject: device.device,
      feeder: BY_COMMAND,
      wanted: true,
      device: { ...device, name: name ?? device.device },
    }));
  }

  #remove({ devices }: RemoveDevices): Change[] {
    const { inventory } = this.#options.knowledge;
    return [...new Set(devices)].map((device) => {
      const feeders = inventory.feeders(device);
      if (feeders.length === 0)
        throw new CommandError(`device "${device}" is not known; look at "guaita status --json"`);
      if (!feeders.includes(BY_COMMAND)) {
        const files = feeders.map((feeder) => `"${feeder}"`).join(', ');
        throw new CommandError(`device "${device}" stands in the inventory files of ${files}; take it out there`);
      }
      return { kind: 'device', subject: device, feeder: BY_COMMAND, wanted: false };
    });
  }

  #drain({ monitor, drain }: DrainMonitor): Change[] {
    this.#known(monitor);
    return [{ kind: 'drain', subject: monitor, wanted: drain }];
  }

  #forget({ monitor }: ForgetMonitor): Change[] {
    if (this.#known(monitor).alive) {
      throw new CommandError(
        `monitor "${monitor}" lives; let it hand over with "guaita monitors drain", and stop it first`,
      );
    }
    const incarnation = this.#options.knowledge.incarnationOf(monitor) ?? 1;
    return [{ kind: 'forget', subject: monitor, wanted: true, incarnation }];
  }

  #known(monitor: Id): MonitorView {
    const monitors = this.#options.knowledge.monitors();
    const view = monitors.get(monitor);
    if (view === undefined) {
      throw new CommandError(`monitor "${monitor}" is not known; known are ${[...monitors.keys()].sort().join(', ')}`);
    }
    return view;
  }
}
