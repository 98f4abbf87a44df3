import type { Id } from '@guaita/model';
import type { ForeignSnmp } from './harvest.ts';

/** A credentials profile that the snmp service must be given before these devices are polled. */
export interface NeededProfile {
  readonly profile: Id;
  readonly devices: number;
  /** A device of it, by which people find out whose credentials these are. */
  readonly like: Id;
  readonly version?: string;
}

/**
 * Names the profiles of devices polled by SNMP: one for each set of credentials that the other tool has. The
 * credentials themselves go nowhere; the names count them in the order of the file, and so tell nothing of them.
 */
export class Profiles {
  readonly #setting: string | false | undefined;
  readonly #base: Id;
  readonly #byCredentials = new Map<string, { profile: Id; devices: number; like: Id; version?: string }>();

  /**
   * @param base what the names begin with.
   * @param setting one name for all, or `false` to leave SNMP off.
   */
  constructor(base: Id, setting: Id | false | undefined) {
    this.#base = base;
    this.#setting = setting;
  }

  get off(): boolean {
    return this.#setting === false;
  }

  /** The profile of a device's credentials. */
  of({ credentials, version }: ForeignSnmp, device: Id): Id {
    const key = this.#setting === undefined ? credentials : '';
    const known = this.#byCredentials.get(key);
    if (known !== undefined) {
      known.devices += 1;
      return known.profile;
    }
    const number = this.#byCredentials.size + 1;
    const profile = this.#setting || `${this.#base}${number === 1 ? '' : `-${number}`}`;
    this.#byCredentials.set(key, { profile, devices: 1, like: device, ...(version === undefined ? {} : { version }) });
    return profile;
  }

  needed(): NeededProfile[] {
    return [...this.#byCredentials.values()];
  }
}
