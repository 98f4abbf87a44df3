import { expect, it } from 'vitest';
import type { Lane } from '../engine/engine.ts';
import type { Sources } from '../history.ts';
import { read, type Held, type Plan } from './read.ts';

/** Gives no rows to any query. */
const lane = {
  async *stream() {
    await Promise.resolve();
    yield* [];
  },
} as unknown as Lane;

function files(released: string[], name: string): Sources {
  return { files: [name], tables: [], areComplete: true, release: () => released.push(name) };
}

async function all(plan: (held: Held) => Promise<Plan>): Promise<void> {
  await read({ lane, plan, parameters: {}, signal: new AbortController().signal }).next();
}

it('lets go of what a plan is over once it has been read', async () => {
  const released: string[] = [];
  await all((held) => {
    held.push(files(released, 'a'), files(released, 'b'));
    return Promise.resolve({ sql: '', examine: () => Promise.resolve(false) });
  });
  expect(released).toEqual(['a', 'b']);
});

it('lets go of what was found where the rest cannot be', async () => {
  const released: string[] = [];
  const failing = all((held) => {
    held.push(files(released, 'a'));
    return Promise.reject(new Error('the folder is not there'));
  });
  await expect(failing).rejects.toThrow('the folder is not there');
  expect(released).toEqual(['a']);
});
