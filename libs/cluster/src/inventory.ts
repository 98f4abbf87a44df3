import type { Device, Id, Intent } from '@guaita/model';
import { compareStamps } from './hlc.ts';
import type { IntentChange } from './intents.ts';

type DeviceIntent = Extract<Intent, { kind: 'device' }>;

/** All devices that are known, as they are now. */
export interface KnownDevices extends Iterable<readonly [Id, Device]> {
  get(device: Id): Device | undefined;
  has(device: Id): boolean;
  /** Where the entry comes from, by name: "command", or monitors with their files. */
  feeders(device: Id): readonly Id[];
}

/** The devices to watch: of each, the newest entry among those that feed it. */
export class Inventory implements KnownDevices {
  /** For each device the wanted entries, the newest first. */
  readonly #entries = new Map<Id, readonly DeviceIntent[]>();

  /** Follows a change of the intents. Gives the device that it concerns. */
  follow({ before, after }: IntentChange): Id | undefined {
    const either = after ?? before;
    if (either?.kind !== 'device') return undefined;
    const { subject, feeder } = either;
    const entries = (this.#entries.get(subject) ?? []).filter((entry) => entry.feeder !== feeder);
    if (after?.kind === 'device' && after.wanted && after.device !== undefined) entries.push(after);
    entries.sort((a, b) => compareStamps(b.stamp, a.stamp));
    if (entries.length === 0) this.#entries.delete(subject);
    else this.#entries.set(subject, entries);
    return subject;
  }

  get(device: Id): Device | undefined {
    return this.#entries.get(device)?.[0]?.device;
  }

  has(device: Id): boolean {
    return this.#entries.has(device);
  }

  feeders(device: Id): readonly Id[] {
    return (this.#entries.get(device) ?? []).map(({ feeder }) => feeder).sort();
  }

  *[Symbol.iterator](): IterableIterator<readonly [Id, Device]> {
    for (const [id, [entry]] of this.#entries) if (entry?.device !== undefined) yield [id, entry.device];
  }
}
