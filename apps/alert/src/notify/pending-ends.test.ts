import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@guaita/lab/eventually';
import type { Sent } from '@guaita/messages';
import { Health, ManualClock, type MonitorContext } from '@guaita/service';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PendingEnds } from './pending-ends.ts';
import { alertOf } from './world.testdata.ts';

let folder: string;
let file: string;
let clock: ManualClock;
let health: Health;
let pending: Sent[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pending-'));
  file = join(folder, 'pending-ends.json');
  clock = new ManualClock();
  health = new Health();
  pending = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = new Date(0).toISOString();
const end = (n: number): Sent => ({
  alert: alertOf(n.toString(16).padStart(16, '0'), { resolves: true, text: 'it is up again' }),
  to: { phone: { round: 1, reminders: 0, ended: false, at } },
});

function kept(): PendingEnds {
  const context = { clock, health, dataDir: folder, log: pino({ level: 'silent' }) } as unknown as MonitorContext;
  return new PendingEnds(context, () => pending);
}

async function count(): Promise<number> {
  return (JSON.parse(await readFile(file, 'utf8')) as { ends: unknown[] }).ends.length;
}

it('writes nothing of what is told within a second', async () => {
  const ends = kept();
  expect(await ends.read()).toEqual([]);
  pending = [end(1)];
  ends.changed();
  await clock.advance(900);
  pending = [];
  await clock.advance(3_600_000);
  await ends.stop();
  expect(existsSync(file)).toBe(false);
});

it('keeps what has waited for a second, for the next run', async () => {
  const ends = kept();
  pending = [end(1)];
  ends.changed();
  await clock.advance(1_000);
  await eventually(async () => expect(await count()).toBe(1));
  expect(await kept().read()).toEqual(pending);
});

it('keeps what is pending when it stops', async () => {
  const ends = kept();
  pending = [end(1)];
  await ends.stop();
  expect(await count()).toBe(1);
});

it('writes new ones soon, what is told once a minute, and nothing while nothing changes', async () => {
  const ends = kept();
  pending = [end(1), end(2)];
  ends.changed();
  await clock.advance(1_000);
  await eventually(async () => expect(await count()).toBe(2));
  pending = [end(2)];
  ends.changed();
  await clock.advance(50_000);
  expect(await count()).toBe(2);
  await clock.advance(10_000);
  await eventually(async () => expect(await count()).toBe(1));
  const { ino } = await stat(file);
  ends.changed();
  await clock.advance(3_600_000);
  await ends.stop();
  expect((await stat(file)).ino).toBe(ino);
});

it('keeps the newest where too many wait', async () => {
  const ends = kept();
  pending = Array.from({ length: 1_500 }, (_, n) => end(n));
  await ends.stop();
  expect(await kept().read()).toEqual(pending.slice(500));
});

it('sets a torn file aside and goes on', async () => {
  await writeFile(file, JSON.stringify({ ends: [end(1)] }).slice(0, 100));
  expect(await kept().read()).toEqual([]);
  expect(existsSync(`${file}.bad`)).toBe(true);
});

it('says where it cannot write, and stays healthy', async () => {
  const ends = kept();
  await rm(folder, { recursive: true });
  await writeFile(folder, 'a file');
  pending = [end(1)];
  await ends.stop();
  expect(health.ok).toBe(true);
  expect(health.parts.get('pending notifications')?.detail).toMatch(/^cannot be kept on disk: .*; after a restart/);
});
