import { normaliseId } from '@guaita/model';
import type { SaxesTagPlain } from 'saxes';
import { CnmlDevice, type Attributes } from './cnml-device.ts';
import { Complaints } from './complaints.ts';
import type { Entry, Source } from './source.ts';
import { readXml } from './xml-events.ts';

/** What stands at CNML's top level; anything else is another kind of XML. */
const ROOT = 'cnml';
/** Guifi.net's word for what is in service; the others are Planned, Reserved, Building, Testing, Dropped, Inactive. */
const WORKING = 'Working';

/**
 * Reads CNML, the Community Network Markup Language of Guifi.net: zones hold zones and nodes, nodes hold devices, devices
 * hold radios and interfaces. Devices that are not Working, or whose node is not, are left out, and so are those without
 * an address; notes count them.
 */
export function readCnml(text: string, file: string): Source {
  const complaints = new Complaints();
  const walk = new Walk(complaints);
  const listener = {
    open: (tag: SaxesTagPlain, line: number) => walk.open(tag, line),
    close: (name: string) => walk.close(name),
  };
  readXml(text, listener, complaints);
  walk.end();
  return { file, entries: walk.entries, complaints, locate: (paths) => paths.map(() => 0) };
}

/** The state while the file goes by. Only what an entry needs is kept. */
class Walk {
  readonly entries: Entry[] = [];
  readonly #complaints: Complaints;
  readonly #zones: string[] = [];
  readonly #ids = new Set<string>();
  #depth = 0;
  #node: { readonly tags: readonly string[]; readonly working: boolean } | undefined;
  #device: CnmlDevice | undefined;
  #notWorking = 0;
  #withoutAddress = 0;

  constructor(complaints: Complaints) {
    this.#complaints = complaints;
  }

  open(tag: SaxesTagPlain, line: number): void {
    const { name, attributes } = tag;
    this.#depth += 1;
    if (this.#depth === 1 && name !== ROOT) {
      this.#complaints.error(
        [],
        `<${name.slice(0, 40)}> is not CNML; give a file whose outermost element is <cnml>`,
        line,
      );
    }
    if (name === 'zone') this.#zones.push(attributes['title'] ?? '');
    else if (name === 'node') this.#openNode(attributes);
    else if (name === 'device') this.#openDevice(attributes, line);
    else this.#device?.open(name, attributes);
  }

  close(name: string): void {
    this.#depth -= 1;
    if (name === 'zone') this.#zones.pop();
    else if (name === 'node') this.#node = undefined;
    else if (name === 'device') this.#closeDevice();
  }

  end(): void {
    const { entries } = this;
    if (this.#notWorking > 0)
      this.#complaints.note([], `devices that are not Working: ${this.#notWorking}, left out`, 0);
    if (this.#withoutAddress > 0) {
      this.#complaints.note([], `Working devices without an IPv4 address: ${this.#withoutAddress}, left out`, 0);
    }
    const broken = this.#complaints.list.some(({ severity }) => severity === 'error');
    if (entries.length === 0 && !broken)
      this.#complaints.warn([], 'holds no Working device; is it the detailed export?', 0);
  }

  #openNode(attributes: Attributes): void {
    const tags = [
      ...this.#zones.map((zone) => `zone-${zone}`),
      `node-${attributes['title'] ?? attributes['id'] ?? ''}`,
    ];
    this.#node = { tags: tags.flatMap((tag) => normaliseId(tag) ?? []), working: attributes['status'] === WORKING };
  }

  #openDevice(attributes: Attributes, line: number): void {
    const id = attributes['id'];
    if (attributes['status'] !== WORKING || this.#node?.working !== true) {
      this.#notWorking += 1;
      this.#device = undefined;
    } else if (id === undefined || !/^\d{1,18}$/.test(id)) {
      this.#complaints.error(
        ['device', 'id'],
        id === undefined ? 'is missing; every device has a number' : `"${id}" is not a number`,
        line,
      );
    } else if (this.#ids.has(id)) {
      this.#complaints.error([`device[${id}]`, 'id'], 'is given twice; keep one', line);
    } else {
      this.#ids.add(id);
      this.#device = new CnmlDevice(id, attributes, this.#node.tags, line);
    }
  }

  #closeDevice(): void {
    const entry = this.#device?.entry();
    if (entry !== undefined) this.entries.push(entry);
    else if (this.#device !== undefined) this.#withoutAddress += 1;
    this.#device = undefined;
  }
}
