import type { Device, Id, Intent, Stamp } from '@guaita/model';
import { compareStamps } from './hlc.ts';
import { isSameValue } from './same-value.ts';

export type DeviceIntent = Extract<Intent, { kind: 'device' }>;
type OtherIntent = Exclude<Intent, DeviceIntent>;

/** What an intent is about: of two with one topic the newer counts. */
export type Topic = Pick<OtherIntent, 'kind' | 'subject'> | Pick<DeviceIntent, 'kind' | 'subject' | 'feeder'>;

/** What a feeder said at once, of however many devices: they share it. */
export type Said = Pick<DeviceIntent, 'feeder' | 'stamp' | 'wanted'>;

/**
 * All that is intended of one device or monitor; it does not change, there is a new one instead, so that a copy of a
 * bucket costs little. 60 monitors that feed the same 100,000 devices make six million intents: what is said of a device
 * is kept as two references for each feeder, and is made an intent when it is asked for.
 */
export class Subject {
  readonly id: Id;
  /** By feeder, in order. */
  readonly #said: readonly Said[];
  /** What each of them feeds; equal entries are one object. */
  readonly #entries: readonly (Device | undefined)[];
  readonly #others: readonly OtherIntent[];
  /** The newest entry among those that are wanted. */
  readonly entry: Device | undefined;

  private constructor(
    id: Id,
    said: readonly Said[] = [],
    entries: readonly (Device | undefined)[] = [],
    others: readonly OtherIntent[] = [],
  ) {
    this.id = id;
    this.#said = said;
    this.#entries = entries;
    this.#others = others;
    let newest: Stamp | undefined;
    for (const [at, { wanted, stamp }] of said.entries()) {
      if (!wanted || (newest !== undefined && compareStamps(stamp, newest) < 0)) continue;
      newest = stamp;
      this.entry = entries[at];
    }
  }

  /** Nothing is intended of it yet. */
  static of(id: Id): Subject {
    return new Subject(id);
  }

  get isEmpty(): boolean {
    return this.#said.length === 0 && this.#others.length === 0;
  }

  /** Those that feed it, by name: "command", or monitors with their files. */
  get feeders(): readonly Id[] {
    return this.#said.filter(({ wanted }) => wanted).map(({ feeder }) => feeder);
  }

  find(topic: Topic): Intent | undefined {
    if (topic.kind !== 'device') return this.#others.find(({ kind }) => kind === topic.kind);
    const at = this.#place(topic.feeder);
    return this.#said[at]?.feeder === topic.feeder ? this.#at(at) : undefined;
  }

  /** The same with this in the place of what is about the same. @param said what it shares with other devices */
  with(intent: Intent, said: Said | undefined): Subject {
    if (intent.kind !== 'device' || said === undefined) {
      const others = [...this.#others.filter(({ kind }) => kind !== intent.kind), intent as OtherIntent];
      others.sort((a, b) => (a.kind < b.kind ? -1 : 1));
      return new Subject(this.id, this.#said, this.#entries, others);
    }
    const at = this.#place(intent.feeder);
    const replaced = this.#said[at]?.feeder === intent.feeder ? 1 : 0;
    return new Subject(
      ...([this.id, this.#said.toSpliced(at, replaced, said)] as const),
      ...([this.#entries.toSpliced(at, replaced, this.#shared(intent.device)), this.#others] as const),
    );
  }

  without(topic: Topic): Subject {
    if (topic.kind !== 'device') {
      const others = this.#others.filter(({ kind }) => kind !== topic.kind);
      return new Subject(this.id, this.#said, this.#entries, others);
    }
    const at = this.#place(topic.feeder);
    const removed = this.#said[at]?.feeder === topic.feeder ? 1 : 0;
    return new Subject(
      ...([this.id, this.#said.toSpliced(at, removed)] as const),
      ...([this.#entries.toSpliced(at, removed), this.#others] as const),
    );
  }

  *[Symbol.iterator](): IterableIterator<Intent> {
    for (let at = 0; at < this.#said.length; at += 1) yield this.#at(at);
    yield* this.#others;
  }

  #at(at: number): DeviceIntent {
    const { feeder, stamp, wanted } = this.#said[at] as Said;
    const device = this.#entries[at];
    const intent = { kind: 'device', subject: this.id, feeder, stamp, wanted } as const;
    return device === undefined ? intent : { ...intent, device };
  }

  /** Where a feeder stands, or would. */
  #place(feeder: Id): number {
    let [from, to] = [0, this.#said.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#said[middle] as Said).feeder < feeder) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** The entry as others feed it already, where one does. */
  #shared(entry: Device | undefined): Device | undefined {
    if (entry === undefined || this.#entries.includes(entry)) return entry;
    let compared: Device | undefined;
    for (const known of this.#entries) {
      if (known === undefined || known === compared) continue;
      if (isSameValue(known, entry)) return known;
      compared = known;
    }
    return entry;
  }
}
