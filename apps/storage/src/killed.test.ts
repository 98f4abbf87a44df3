import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { numbers, Place } from './store.testdata.ts';

const LIVES = 10;
const began_ms = Date.now();
const script = new URL('killed-child.testdata.ts', import.meta.url).pathname;

/** Lets a real process keep rows, and kills it. @returns the last row that it said it kept. */
async function liveAndDie(folder: string, from: number, life_ms: number): Promise<number> {
  const child = spawn(process.execPath, [script, folder, String(from), String(began_ms)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const closed = once(child, 'close');
  const last = async (): Promise<number> => {
    const said = await readFile(join(folder, 'said'), 'utf8').catch(() => '');
    const lines = said.slice(0, said.lastIndexOf('\n') + 1).split('\n');
    return Number(lines.at(-2) ?? -1);
  };
  while ((await last()) < from && child.exitCode === null) await pause(10);
  await pause(life_ms);
  child.kill('SIGKILL');
  await closed;
  expect(child.signalCode).toBe('SIGKILL');
  return last();
}

it(
  'a process that keeps and seals rows and is killed at any time loses none and doubles none',
  { timeout: 120_000 },
  async () => {
    const place = await Place.make();
    let next = 0;
    const perhaps = new Set<number>();
    for (let life = 0; life < LIVES; life++) {
      next = (await liveAndDie(place.folder, next, Math.random() * 1500)) + 1;
      // This one may be kept, and it was killed before it could say so.
      perhaps.add(next);
      next += 1;
    }
    const store = await place.started();
    await store.settled();
    const found = await place.found(store);
    expect(found.filter((n) => !perhaps.has(n))).toEqual(numbers(0, next).filter((n) => !perhaps.has(n)));
    expect(new Set(found).size).toBe(found.length);
    expect(next).toBeGreaterThan(1000);
    const left = await readdir(place.own, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => !entry.isDirectory()).map(({ name }) => name)).toEqual([]);
    expect((await readdir(place.history, { recursive: true })).filter((name) => name.includes('.tmp'))).toEqual([]);
  },
);
