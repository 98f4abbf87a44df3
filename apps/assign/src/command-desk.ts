import type { Wire } from '@guaita/bus';
import type { Change, DeviceView, KnownAlertIntents, KnownDevices, MonitorView } from '@guaita/cluster';
import {
  channels,
  type AcknowledgeAlert,
  type AddDevices,
  type AddSilence,
  type Channel,
  type DrainMonitor,
  type ForgetMonitor,
  type ProbeDevices,
  type RemoveDevices,
} from '@guaita/messages';
import { COMMAND, type Id, type Placement } from '@guaita/model';
import { CommandError, Commands, type Clock, type Said } from '@guaita/service';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { acknowledgeAlert, addSilence, removeSilences } from './alert-commands.ts';
import { circles } from './inventory/circles.ts';

/** What a command is judged by. */
interface Knowledge {
  readonly inventory: KnownDevices;
  readonly alerts: KnownAlertIntents;
  /** All devices and who watches them. */
  devices(): ReadonlyMap<Id, Pick<DeviceView, 'claims'>>;
  monitors(): ReadonlyMap<Id, MonitorView>;
  /** Its first moments are over: who lives is known. */
  readonly decides: boolean;
  /** Anything was heard of a monitor, and be it that it has ended. */
  hasHeardOf(monitor: Id): boolean;
  /** Whether any live monitor may watch a device that is placed so. */
  mayBeWatched(placement: Placement): boolean;
  /** The newest incarnation of a monitor that is known. */
  incarnationOf(monitor: Id): number | undefined;
}

export interface CommandDeskOptions {
  readonly wire: Wire;
  readonly monitor: Id;
  readonly log: Logger;
  readonly clock: Pick<Clock, 'now_ms'>;
  readonly random: () => number;
  readonly knowledge: Knowledge;
  /** Whether the broker keeps an alert as open. */
  readonly isOpen: (alert: Id) => boolean;
  /** Whether it is this monitor's turn to act, where several share the broker. */
  readonly speaks: () => boolean;
  /**
   * Does it; resolves when it is on disk.
   *
   * @throws {CommandError} when it cannot be done, or is done and cannot be kept.
   */
  readonly intend: (changes: readonly Change[]) => Promise<void>;
}

/** What a command comes to, and what its answer says beside. */
interface Deed {
  readonly changes: Change[];
  readonly said?: Said;
}

/** Hears operators' commands, checks them, has them done, and answers where an answer is wanted. */
export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #commands: Commands;

  constructor(options: CommandDeskOptions) {
    this.#options = options;
    this.#commands = new Commands(options);
  }

  async start(): Promise<void> {
    await this.#hear(channels.addDevices, (command) => this.#add(command));
    await this.#hear(channels.removeDevices, (command) => this.#remove(command));
    await this.#hear(channels.probeDevices, (command) => this.#probe(command));
    await this.#hear(channels.drainMonitor, (command) => this.#drain(command));
    await this.#hear(channels.forgetMonitor, (command) => this.#forget(command));
    await this.#hear(channels.addSilence, (command) => this.#silence(command));
    await this.#hear(channels.removeSilences, (command) => ({
      changes: removeSilences(command, this.#options.knowledge),
    }));
    await this.#hear(channels.acknowledgeAlert, (command) => this.#acknowledge(command));
  }

  async stop(): Promise<void> {
    await this.#commands.stop();
  }

  #hear<Schema extends z.ZodType>(
    channel: Channel<string, Schema>,
    deedOf: (command: z.output<Schema>) => Deed,
  ): Promise<void> {
    const { speaks, intend } = this.#options;
    return this.#commands.hear(channel, speaks, async (command) => {
      const { changes, said = {} } = deedOf(command);
      await intend(changes);
      return said;
    });
  }

  #add({ devices }: AddDevices): Deed {
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
    const changes = devices.map(({ name, ...device }): Change => ({
      kind: 'device',
      subject: device.device,
      feeder: COMMAND,
      wanted: true,
      device: { ...device, name: name ?? device.device },
    }));
    return { changes, ...this.#unwatchable(devices) };
  }

  /** It may be meant so, for a monitor that is yet to come; but nobody watches such a device now. */
  #unwatchable(devices: AddDevices['devices']): Pick<Deed, 'said'> {
    const { knowledge } = this.#options;
    const placed = devices.filter(({ placement }) => placement !== undefined && !knowledge.mayBeWatched(placement));
    if (placed.length === 0) return {};
    const sites = [...knowledge.monitors().values()].flatMap(({ alive, site }) => (alive ? [site] : []));
    const [{ device } = { device: '' }] = placed;
    const which = placed.length === 1 ? `"${device}"` : `"${device}" and ${placed.length - 1} more`;
    const remark =
      `no live monitor may watch ${which} as placed: live ones are of ${listed(sites)}; ` +
      'change the placement, or start a monitor that fits it';
    return { said: { remarks: [remark] } };
  }

  #remove({ devices }: RemoveDevices): Deed {
    const { inventory } = this.#options.knowledge;
    const changes = [...new Set(devices)].map((device): Change => {
      const feeders = inventory.feeders(device);
      if (feeders.length === 0)
        throw new CommandError(`device "${device}" is not known; look at "guaita status --json"`);
      if (!feeders.includes(COMMAND)) {
        const files = feeders.map((feeder) => `"${feeder}"`).join(', ');
        throw new CommandError(`device "${device}" stands in the inventory files of ${files}; take it out there`);
      }
      return { kind: 'device', subject: device, feeder: COMMAND, wanted: false };
    });
    return { changes };
  }

  /** The ping services have heard it themselves: here it is checked and answered. */
  #probe({ devices }: ProbeDevices): Deed {
    const { knowledge, monitor } = this.#options;
    const remarks = [...new Set(devices)].flatMap((device) => {
      if (!knowledge.inventory.has(device))
        throw new CommandError(`device "${device}" is not known; look at "guaita status --json"`);
      const watchers = (knowledge.devices().get(device)?.claims ?? []).map((claim) => claim.monitor);
      if (watchers.includes(monitor)) return [];
      if (watchers.length === 0) return [`nobody watches "${device}" now`];
      return [`"${device}" is watched by ${watchers.join(', ')}: those of them probe it that hear this broker`];
    });
    return { changes: [], ...(remarks.length === 0 ? {} : { said: { remarks } }) };
  }

  #drain({ monitor, drain }: DrainMonitor): Deed {
    this.#heardOf(monitor);
    return { changes: [{ kind: 'drain', subject: monitor, wanted: drain }] };
  }

  #forget({ monitor, with_devices }: ForgetMonitor): Deed {
    this.#heardOf(monitor);
    const { knowledge } = this.#options;
    const view = knowledge.monitors().get(monitor);
    if (view?.alive === true) {
      throw new CommandError(
        `monitor "${monitor}" lives; let it hand over with "guaita monitors drain", and stop it first`,
      );
    }
    if (view === undefined && !knowledge.decides) {
      throw new CommandError(
        `monitor "${this.#options.monitor}" has just started and does not know yet whether "${monitor}" lives; ` +
          'say it again in a moment',
      );
    }
    const alone = [...knowledge.inventory].filter(([device]) => {
      return knowledge.inventory.feeders(device).every((feeder) => feeder === monitor);
    }).length;
    if (alone > 0 && !with_devices) {
      throw new CommandError(
        `${counted(alone)} in the inventory files of "${monitor}" alone, and would go with it: put its files at ` +
          'another monitor first, or, to lose them, say it with --with-devices ("with_devices": true)',
      );
    }
    const incarnation = knowledge.incarnationOf(monitor) ?? 1;
    return {
      changes: [{ kind: 'forget', subject: monitor, wanted: true, incarnation }],
      said: { devices_gone: alone },
    };
  }

  #silence(command: AddSilence): Deed {
    const { clock, random, knowledge } = this.#options;
    const name = `s-${Math.floor(random() * 2 ** 40).toString(36)}`;
    const { change, remarks } = addSilence(command, name, knowledge, clock.now_ms());
    const said = { silence: change.subject, ...(remarks.length === 0 ? {} : { remarks: [...remarks] }) };
    return { changes: [change], said };
  }

  #acknowledge(command: AcknowledgeAlert): Deed {
    const { isOpen, clock, knowledge } = this.#options;
    return { changes: [acknowledgeAlert(command, isOpen, knowledge, clock.now_ms())] };
  }

  /** Whoever left anything can be spoken of: also one of whom only an end is known, or only what its files feed. */
  #heardOf(monitor: Id): void {
    if (monitor === COMMAND) {
      throw new CommandError(`"${COMMAND}" is no monitor, but what is entered by command: remove its devices instead`);
    }
    const { knowledge } = this.#options;
    const feeders = new Set([...knowledge.inventory].flatMap(([device]) => knowledge.inventory.feeders(device)));
    feeders.delete(COMMAND);
    if (feeders.has(monitor) || knowledge.hasHeardOf(monitor)) return;
    const known = [...new Set([...knowledge.monitors().keys(), ...feeders])].sort();
    throw new CommandError(`monitor "${monitor}" is not known; known are ${known.join(', ')}`);
  }
}

function counted(devices: number): string {
  return devices === 1 ? '1 device stands' : `${devices} devices stand`;
}

function listed(sites: readonly Id[]): string {
  const names = [...new Set(sites)].sort();
  return `${names.length === 1 ? 'site' : 'sites'} ${names.join(', ')}`;
}
