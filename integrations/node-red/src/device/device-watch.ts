import { isObject, textsIn } from '../read-object.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Which devices a flow wants: those that fit both. What is empty fits any. */
export interface WantedDevices {
  readonly devices: readonly string[];
  /** The device bears one of them. */
  readonly tags: readonly string[];
}

/** A device as flows get it: what its verdict says, and of its inventory entry what people ask for. */
export interface DeviceNow extends Fields {
  readonly device: string;
  readonly name: string;
  readonly tags: readonly string[];
  /** `removed` is no verdict: the device is gone from the inventory. */
  readonly state: string;
}

/** A state that differs from the one before; `previous` is missing when it is the first that we hear of. */
export interface DeviceChange extends DeviceNow {
  readonly previous?: string;
}

interface Known {
  spec?: Fields | undefined;
  verdict?: Fields | undefined;
  /** The state that was told last. */
  told?: string | undefined;
  /** Heard of on this connection. */
  isHeard: boolean;
}

/**
 * What the broker says of devices, put together. A device counts from when both its inventory entry and its state are
 * known, in whichever order they come. Pure.
 */
export class DeviceWatch {
  readonly #wanted: WantedDevices;
  readonly #known = new Map<string, Known>();

  constructor(wanted: WantedDevices) {
    this.#wanted = wanted;
  }

  /** A device's inventory entry; `undefined`: it has none any more. */
  spec(device: string, spec: Fields | undefined): DeviceChange | undefined {
    return this.#change(device, (known) => (known.spec = spec));
  }

  /** A device's verdict; `undefined`: it has none any more. */
  state(device: string, verdict: Fields | undefined): DeviceChange | undefined {
    return this.#change(device, (known) => (known.verdict = verdict));
  }

  /** One device as it is now, if it is known. */
  get(device: string): DeviceNow | undefined {
    const known = this.#known.get(device);
    return known === undefined ? undefined : this.#now(device, known);
  }

  /** All devices that are known, by name. */
  all(): DeviceNow[] {
    const all = [...this.#known].flatMap(([device, known]) => this.#now(device, known) ?? []);
    return all.sort((a, b) => a.name.localeCompare(b.name));
  }

  /** A new connection: what was taken away before it is said no more. */
  reconnected(): void {
    for (const known of this.#known.values()) known.isHeard = false;
  }

  /** Lets go of devices of which nothing was said since the connection was made. */
  sweep(): DeviceChange[] {
    const silent = [...this.#known].filter(([, { isHeard }]) => !isHeard);
    return silent.flatMap(([device]) => this.state(device, undefined) ?? this.spec(device, undefined) ?? []);
  }

  #change(device: string, learn: (known: Known) => void): DeviceChange | undefined {
    const { devices } = this.#wanted;
    if (devices.length > 0 && !devices.includes(device)) return undefined;
    const known = this.#known.get(device) ?? { isHeard: true };
    const before = this.#now(device, known);
    known.isHeard = true;
    learn(known);
    this.#known.set(device, known);
    const after = this.#now(device, known);
    if (known.spec === undefined && known.verdict === undefined) this.#known.delete(device);
    const { told } = known;
    if (after === undefined) {
      if (told === undefined || before === undefined) return undefined;
      known.told = undefined;
      return { ...before, state: 'removed', previous: told };
    }
    if (after.state === told) return undefined;
    known.told = after.state;
    return told === undefined ? after : { ...after, previous: told };
  }

  #now(device: string, { spec, verdict }: Known): DeviceNow | undefined {
    if (!isObject(spec) || !isObject(verdict)) return undefined;
    const tags = textsIn(spec['tags']);
    if (this.#wanted.tags.length > 0 && !this.#wanted.tags.some((tag) => tags.includes(tag))) return undefined;
    const { name, addresses, parents } = spec;
    const { state } = verdict;
    if (typeof state !== 'string') return undefined;
    return { ...verdict, device, name: typeof name === 'string' ? name : device, tags, addresses, parents, state };
  }
}
