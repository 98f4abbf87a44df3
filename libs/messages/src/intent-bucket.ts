import { Device, Digest, Id, Intent, Stamp } from '@guaita/model';
import { z } from 'zod';

const [FedIntent, ...OTHER_INTENTS] = Intent.options;
type DeviceIntent = Extract<Intent, { kind: 'device' }>;
type Said = Pick<DeviceIntent, 'feeder' | 'stamp'>;

/**
 * What a monitor knows operators to intend in one bucket, or a part of it. What many feed alike stands here once: most
 * monitors of a cluster are given the same inventory file, and what is fed at once bears one stamp.
 */
export const IntentBucket = z.object({
  digest: Digest.describe('over all that the monitor knows in the bucket, of which this may be a part'),
  entries: z.array(Device).describe('inventory entries, each once'),
  fed: z
    .array(
      z.object({
        feeder: FedIntent.shape.feeder,
        stamp: Stamp,
        entries: z.array(z.int().min(0)).describe('which of the entries, counted from 0'),
      }),
    )
    .describe('who feeds what, by what was said at once'),
  withdrawn: z
    .array(z.object({ feeder: FedIntent.shape.feeder, stamp: Stamp, devices: z.array(Id) }))
    .describe('who feeds what no longer: tombstones, by what was said at once'),
  others: z
    .array(z.discriminatedUnion('kind', OTHER_INTENTS))
    .describe('drained and forgotten monitors, silences and acknowledgements'),
});
export type IntentBucket = z.infer<typeof IntentBucket>;

/**
 * Writes intents of one bucket as one message.
 *
 * @param digest over all that is known in the bucket.
 */
export function packIntents(intents: Iterable<Intent>, digest: Digest): IntentBucket {
  const entries = new Entries();
  const fed = new Groups<number>();
  const withdrawn = new Groups<Id>();
  const others: IntentBucket['others'] = [];
  for (const intent of intents) {
    if (intent.kind !== 'device') others.push(intent);
    else if (intent.device !== undefined && intent.wanted) fed.of(intent).push(entries.place(intent.device));
    else withdrawn.of(intent).push(intent.subject);
  }
  return {
    digest,
    entries: entries.all,
    fed: fed.all.map(([said, places]) => ({ ...said, entries: places })),
    withdrawn: withdrawn.all.map(([said, devices]) => ({ ...said, devices })),
    others,
  };
}

/** The intents of a message. Equal entries and stamps are one object, as they are in the message. */
export function* unpackIntents({ entries, fed, withdrawn, others }: IntentBucket): IterableIterator<Intent> {
  for (const { feeder, stamp, entries: places } of fed) {
    for (const place of places) {
      const device = entries[place];
      if (device === undefined) continue;
      yield { kind: 'device', subject: device.device, feeder, stamp, wanted: true, device };
    }
  }
  for (const { feeder, stamp, devices } of withdrawn)
    for (const subject of devices) yield { kind: 'device', subject, feeder, stamp, wanted: false };
  yield* others;
}

/** Inventory entries in the order in which they came, each once. */
class Entries {
  readonly all: Device[] = [];
  readonly #byEntry = new Map<Device, number>();
  readonly #ofDevice = new Map<Id, number[]>();

  place(entry: Device): number {
    // Mostly equal entries are one object already.
    let place = this.#byEntry.get(entry);
    if (place !== undefined) return place;
    let others = this.#ofDevice.get(entry.device);
    if (others === undefined) this.#ofDevice.set(entry.device, (others = []));
    const text = others.length === 0 ? '' : JSON.stringify(entry);
    place = others.find((other) => JSON.stringify(this.all[other]) === text);
    if (place === undefined) others.push((place = this.all.push(entry) - 1));
    this.#byEntry.set(entry, place);
    return place;
  }
}

/** What was said at once: the same feeder, under the same stamp. */
class Groups<T> {
  readonly all: (readonly [Said, T[]])[] = [];
  readonly #byStamp = new Map<Stamp, Map<Id, T[]>>();
  readonly #byText = new Map<string, T[]>();

  of({ feeder, stamp }: Said): T[] {
    let byFeeder = this.#byStamp.get(stamp);
    if (byFeeder === undefined) this.#byStamp.set(stamp, (byFeeder = new Map<Id, T[]>()));
    let group = byFeeder.get(feeder);
    if (group !== undefined) return group;
    const text = `${feeder} ${stamp.at_ms} ${stamp.counter} ${stamp.writer}`;
    group = this.#byText.get(text);
    if (group === undefined) {
      group = [];
      this.#byText.set(text, group);
      this.all.push([{ feeder, stamp }, group]);
    }
    byFeeder.set(feeder, group);
    return group;
  }
}
