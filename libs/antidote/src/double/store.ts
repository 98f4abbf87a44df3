import type { BoundObject } from '../crdt.ts';
import type { Update } from '../update.ts';
import type { Value } from '../value.ts';
import { applied, firstValue } from './state.ts';

interface Stored {
  readonly object: BoundObject;
  readonly value: Value;
  /** How many writes there had been when it was written. */
  readonly version: number;
}

/** All objects at one moment. Keys are told apart without their type, as the server does. */
export type Objects = ReadonlyMap<string, Stored>;

/** The objects of the double. */
export class Store {
  #objects: Objects = new Map();
  #version = 0;

  get objects(): Objects {
    return this.#objects;
  }

  get version(): number {
    return this.#version;
  }

  /** Puts the objects of another moment in the place of these. */
  restore(objects: Objects): void {
    this.#objects = objects;
  }

  /** Puts a value in place, whatever was there. */
  put(object: BoundObject, value: Value): void {
    this.#version += 1;
    this.#objects = new Map(this.#objects).set(place(object), { object, value, version: this.#version });
  }

  /** Whether anything that is updated was written after `version`. */
  conflicts(updates: readonly Update<BoundObject>[], version: number): boolean {
    return updates.some(({ target }) => (this.#objects.get(place(target))?.version ?? 0) > version);
  }

  commit(updates: readonly Update<BoundObject>[]): void {
    this.#version += 1;
    this.#objects = written(this.#objects, updates, this.#version);
  }
}

/** @throws {Error} when the object is of another type. */
export function valueIn(objects: Objects, object: BoundObject): Value {
  const stored = objects.get(place(object));
  if (stored === undefined) return firstValue(object.type);
  if (stored.object.type !== object.type) throw new Error(`error: {badmatch,{antidote_crdt_${object.type}}}`);
  return stored.value;
}

/** The objects after updates. */
export function written(objects: Objects, updates: readonly Update<BoundObject>[], version: number): Objects {
  const after = new Map(objects);
  for (const { target, operation } of updates) {
    const value = applied(target.type, valueIn(after, target), operation);
    after.set(place(target), { object: target, value, version });
  }
  return after;
}

function place({ bucket, key }: BoundObject): string {
  return `${Buffer.from(bucket).toString('hex')}/${Buffer.from(key).toString('hex')}`;
}
