import { normaliseId, type Device, type Id } from '@guaita/model';
import { circles } from './circles.ts';
import type { Draft } from './draft.ts';
import { pathText, show, type Path } from './problem.ts';
import { fieldPath } from './source.ts';

/** A device and the file that it belongs to. */
export interface InventoryDevice {
  readonly device: Device;
  readonly file: string;
}

/**
 * Puts drafts together: ids, parents, and what no entry can know of by itself. Mistakes go to the complaints of the
 * draft's source; the devices count only when there is none.
 *
 * @param absent ids and names that may be given as parents although they stand for nothing here.
 */
export function assemble(drafts: readonly Draft[], absent: ReadonlySet<string>): InventoryDevice[] {
  const byId = giveIds(drafts);
  warnOfSharedAddresses(drafts);
  const parents = new Parents(byId, absent);
  const devices = [...byId].map(([id, draft]): InventoryDevice => {
    const { name, addresses, tags, checks, placement } = draft;
    const device = {
      device: id,
      name,
      addresses: [...addresses],
      parents: parents.of(draft, id),
      tags: [...tags],
      checks,
      ...(placement === undefined ? {} : { placement }),
    };
    return { device, file: draft.source.file };
  });
  refuseCircles(devices, byId);
  return devices;
}

/** Gives each draft an id of its own; those that cannot have one are complained of and left out. */
function giveIds(drafts: readonly Draft[]): Map<Id, Draft> {
  const byId = new Map<Id, Draft>();
  for (const draft of drafts) {
    const id = draft.id ?? normaliseId(draft.name);
    if (id === undefined) {
      // A draft without a name has been complained of already, for want of an address.
      if (draft.name !== '')
        error(draft, ['name'], `nothing of ${show(draft.name)} can stand in an id; give an id beside it`);
      continue;
    }
    const first = byId.get(id);
    if (first === undefined) byId.set(id, draft);
    else if (draft.id !== undefined && first.id !== undefined) {
      error(draft, ['id'], `"${id}" is the id of ${placeOf(first, draft)} already; give another`);
    } else if (draft.name === first.name) {
      error(
        draft,
        ['name'],
        `${show(draft.name)} is the name of ${placeOf(first, draft)} already; give one of them an id of its own`,
      );
    } else {
      const other = `${show(first.id ?? first.name)} of ${placeOf(first, draft)}`;
      error(
        draft,
        [draft.id === undefined ? 'name' : 'id'],
        `${show(draft.id ?? draft.name)} and ${other} make one id, "${id}"; give one of them an id of its own`,
      );
    }
  }
  return byId;
}

function warnOfSharedAddresses(drafts: readonly Draft[]): void {
  const owners = new Map<string, Draft>();
  for (const draft of drafts) {
    for (const address of draft.addresses) {
      const key = address.toLowerCase();
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, draft);
      else warn(draft, ['address'], `${show(address)} is an address of ${placeOf(owner, draft)} too`);
    }
  }
}

/** Finds the devices that parents' ids and names mean. */
class Parents {
  readonly #byId: ReadonlyMap<Id, Draft>;
  readonly #absent: ReadonlySet<string>;
  readonly #byName = new Map<string, Id | undefined>();
  readonly #complained = new Set<unknown>();

  constructor(byId: ReadonlyMap<Id, Draft>, absent: ReadonlySet<string>) {
    this.#byId = byId;
    this.#absent = absent;
    // A name that two devices bear means neither of them.
    for (const [id, { name }] of byId) this.#byName.set(name, this.#byName.has(name) ? undefined : id);
  }

  of(draft: Draft, self: Id): Id[] {
    if (draft.parents.length === 0) return [];
    const ids = new Set<Id>();
    for (const [index, text] of draft.parents.entries()) {
      if (this.#absent.has(text)) continue;
      const id = this.#idOf(text);
      if (id === undefined) this.#refuse(draft, index, text);
      // The devices that are everybody's parents by default have none by default.
      else if (draft.parentsByDefault && id === self) return [];
      else ids.add(id);
    }
    return [...ids];
  }

  #idOf(text: string): Id | undefined {
    if (this.#byId.has(text)) return text;
    if (this.#byName.has(text)) return this.#byName.get(text);
    const id = normaliseId(text);
    return id !== undefined && this.#byId.has(id) ? id : undefined;
  }

  #refuse(draft: Draft, index: number, text: string): void {
    const { complaints } = draft.source;
    const guess = this.#byName.has(text)
      ? `several devices have that name: give an id`
      : complaints.guess(text, this.#names());
    const message = `${show(text)} is no device of this inventory; ${guess}`;
    if (!draft.parentsByDefault) return error(draft, ['parents', index], message);
    if (this.#complained.has(draft.parents)) return;
    this.#complained.add(draft.parents);
    complaints.error(['defaults', 'parents', index], message);
  }

  *#names(): Iterable<string> {
    yield* this.#byId.keys();
    yield* this.#byName.keys();
  }
}

function refuseCircles(devices: readonly InventoryDevice[], byId: ReadonlyMap<Id, Draft>): void {
  const edges = new Map(devices.map(({ device }) => [device.device, device.parents]));
  for (const circle of circles(edges)) {
    const [first = ''] = circle;
    const draft = byId.get(first);
    const names = circle.length > MAX_SHOWN_CIRCLE ? [...circle.slice(0, MAX_SHOWN_CIRCLE), '…'] : circle;
    const message = `goes in a circle: ${[...names, first].join(' → ')}; take one of these parents out`;
    if (draft !== undefined) error(draft, ['parents'], message);
  }
}

const MAX_SHOWN_CIRCLE = 10;

function error({ source, entry }: Draft, field: Path, message: string): void {
  source.complaints.error(fieldPath(entry, field), message, entry.line);
}

function warn({ source, entry }: Draft, field: Path, message: string): void {
  source.complaints.warn(fieldPath(entry, field), message, entry.line);
}

/** Where another draft stands, said from this one. */
function placeOf(other: Draft, from: Draft): string {
  const path = pathText(other.entry.path);
  return other.source.file === from.source.file ? path : `${path} in ${other.source.file}`;
}
