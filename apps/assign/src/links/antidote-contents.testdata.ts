import { isDeepStrictEqual } from 'node:util';
import {
  assign,
  inMap,
  removeFields,
  text,
  type AntidoteClient,
  type BoundObject,
  type Update,
} from '@guaita/antidote';
import { eventually } from '@guaita/lab/eventually';
import { BUCKETS, type Id } from '@guaita/model';
import { expect } from 'vitest';
import type { Layout } from '../antidote/layout.ts';

type Register = BoundObject<'register_lww'> | BoundObject<'register_mv'>;

/** What stands of a monitor and of all intents, as texts; empty for nothing. A map by its fields. */
export interface Contents {
  /** The life, header and versions of the monitor: what counts its claims. */
  readonly counts: readonly string[];
  readonly claims: readonly string[];
  readonly root: string;
  /** The buckets of intents, and the index last. */
  readonly maps: readonly Readonly<Record<string, string>>[];
}

const BUCKET_NUMBERS = Array.from({ length: BUCKETS }, (_, bucket) => bucket);

/** Reads what stands in AntidoteDB of a mesh, and puts back what stood there before. */
export class AntidoteContents {
  /** Of each data centre; what is put back is written at the first. */
  readonly #clients: readonly [AntidoteClient, ...AntidoteClient[]];
  readonly #layout: Layout;

  constructor(clients: readonly [AntidoteClient, ...AntidoteClient[]], layout: Layout) {
    this.#clients = clients;
    this.#layout = layout;
  }

  read(monitor: Id): Promise<Contents> {
    return this.#read(this.#clients[0], monitor);
  }

  /** Resolves once something else stands of what counts claims, and of intents. */
  async moved(monitor: Id, before: Contents): Promise<void> {
    await eventually(async () => {
      const { counts, root } = await this.read(monitor);
      expect(counts[0]).not.toBe(before.counts[0]);
      expect(counts[2]).not.toBe(before.counts[2]);
      expect(root).not.toBe(before.root);
    });
  }

  /** Puts back what stood there; resolves when it stands so at every data centre. */
  async restore(monitor: Id, contents: Contents): Promise<void> {
    const now = await this.read(monitor);
    const objects = this.#objects(monitor);
    const put = (into: readonly Register[], is: readonly string[], was: readonly string[]): Update<BoundObject>[] =>
      into.flatMap((object, at) => (is[at] === was[at] ? [] : [assign(object, was[at] ?? '')]));
    const updates = [
      ...put(objects.counts, now.counts, contents.counts),
      ...put(objects.claims, now.claims, contents.claims),
      ...put([this.#layout.intents], [now.root], [contents.root]),
      ...objects.maps.flatMap((map, at) => putFields(this.#layout, map, now.maps[at] ?? {}, contents.maps[at] ?? {})),
    ];
    await this.#clients[0].update(updates);
    for (const client of this.#clients) {
      await eventually(async () => {
        expect(isDeepStrictEqual(await this.#read(client, monitor), contents)).toBe(true);
      });
    }
  }

  async #read(client: AntidoteClient, monitor: Id): Promise<Contents> {
    const { counts, claims, maps } = this.#objects(monitor);
    const [root] = await client.read([this.#layout.intents]);
    return {
      counts: (await client.read(counts)).map(text),
      claims: (await client.read(claims)).map(text),
      root: textOf(root),
      maps: (await client.read(maps)).map(({ entries }) =>
        Object.fromEntries(entries.map(({ field, value }) => [text(field.key), textOf(value as Uint8Array[])])),
      ),
    };
  }

  #objects(monitor: Id) {
    const layout = this.#layout;
    return {
      counts: [layout.life(monitor), layout.header(monitor), layout.versions(monitor)],
      claims: BUCKET_NUMBERS.map((bucket) => layout.claims(monitor, bucket)),
      maps: [...BUCKET_NUMBERS.map((bucket) => layout.intentBucket(bucket)), layout.intentIndex],
    };
  }
}

function putFields(
  layout: Layout,
  map: BoundObject<'map_rr'>,
  is: Readonly<Record<string, string>>,
  was: Readonly<Record<string, string>>,
): Update<BoundObject>[] {
  const gone = Object.keys(is).filter((key) => was[key] === undefined);
  const others = Object.entries(was).filter(([key, value]) => is[key] !== value);
  return [
    ...(gone.length === 0 ? [] : [removeFields(map, ...gone.map((key) => layout.intent(key)))]),
    ...(others.length === 0 ? [] : [inMap(map, ...others.map(([key, value]) => assign(layout.intent(key), value)))]),
  ];
}

/** Of a register in which only one writer's value stands. */
function textOf(values: readonly Uint8Array[]): string {
  return values.map(text).join(' ');
}
