import { normaliseId } from '@guaita/model';
import type { Path } from './problem.ts';
import type { Entry } from './source.ts';

export type Attributes = Readonly<Record<string, string>>;

/**
 * The credentials profile that CNML's devices are polled with: the file names interfaces to poll but, rightly, no
 * credentials.
 */
export const CNML_PROFILE = 'guifi';

/** Which interface's address a device is reached by, best first; a client's radio has its address towards the access point. */
const MAIN_TYPES = ['Lan', 'wLan/Lan'];
const MAIN_TYPES_OF_CLIENT = ['Wan', ...MAIN_TYPES];

/**
 * One device of CNML while its elements go by. The choice of the main address and of the interfaces to poll follows
 * Guifi.net's own graph servers (snpservices, `cnml2mrtgcsv.php`).
 */
export class CnmlDevice {
  readonly #id: string;
  readonly #attributes: Attributes;
  readonly #nodeTags: readonly string[];
  readonly #line: number;
  readonly #addresses: { readonly type: string; readonly address: string }[] = [];
  readonly #snmpNames = new Set<string>();
  #snmp = false;
  #byIndex = false;
  #client = false;

  constructor(id: string, attributes: Attributes, nodeTags: readonly string[], line: number) {
    this.#id = id;
    this.#attributes = attributes;
    this.#nodeTags = nodeTags;
    this.#line = line;
    this.#pollFrom(attributes);
  }

  open(element: string, attributes: Attributes): void {
    if (element === 'radio') {
      if (attributes['mode'] === 'client') this.#client = true;
      this.#pollFrom(attributes);
    } else if (element === 'interface') {
      const { type = '', ipv4 = '' } = attributes;
      if (ipv4 !== '') this.#addresses.push({ type, address: ipv4 });
    }
  }

  /** `undefined` when it has no address. */
  entry(): Entry | undefined {
    const address = this.#mainAddress();
    if (address === undefined) return undefined;
    const { title = '', type = '' } = this.#attributes;
    const path = [`device[${this.#id}]`];
    const value = {
      id: `guifi-${this.#id}`,
      name: title.trim() === '' ? `Guifi.net device ${this.#id}` : title.slice(0, MAX_NAME),
      address,
      tags: [...new Set([...this.#nodeTags, ...(type === '' ? [] : [normaliseId(`type-${type}`) ?? 'type'])])],
      ...(this.#snmp ? { snmp: this.#snmpSettings() } : {}),
    };
    return {
      value,
      path,
      line: this.#line,
      fieldPath: (field: Path) => [...path, ...(NAMES_IN_CNML[String(field[0])] ?? [])],
    };
  }

  #pollFrom({ snmp_name: name, snmp_index: index }: Attributes): void {
    if (name !== undefined && name !== '') this.#snmpNames.add(name);
    if (name !== undefined || index !== undefined) this.#snmp = true;
    // A number is no name: the interfaces are all polled, and known by their names from then on.
    if (index !== undefined) this.#byIndex = true;
  }

  #snmpSettings(): Record<string, unknown> {
    const interfaces = this.#byIndex || this.#snmpNames.size === 0 ? {} : { interfaces: [...this.#snmpNames] };
    return { profile: CNML_PROFILE, ...interfaces };
  }

  #mainAddress(): string | undefined {
    const { mainipv4 } = this.#attributes;
    if (mainipv4 !== undefined && mainipv4 !== '') return mainipv4;
    for (const wanted of this.#client ? MAIN_TYPES_OF_CLIENT : MAIN_TYPES) {
      const found = this.#addresses.find(({ type }) => type === wanted);
      if (found !== undefined) return found.address;
    }
    return this.#addresses[0]?.address;
  }
}

const MAX_NAME = 200;

const NAMES_IN_CNML: Readonly<Record<string, Path>> = {
  id: ['id'],
  name: ['title'],
  address: ['mainipv4'],
  snmp: ['snmp_name'],
};
