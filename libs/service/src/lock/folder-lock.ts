import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Id } from '@guaita/model';
import { z } from 'zod';
import { identify, isAlive } from './process-identity.ts';

/** The data folder cannot be used: somebody else uses it, or it cannot be written. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

const Holder = z.object({
  service: z.string(),
  monitor: z.string(),
  pid: z.int(),
  started: z.string().nullable(),
  where: z.string().nullable(),
});
type Holder = z.infer<typeof Holder>;

const SUFFIX = '.lock';

/** Of two that start at the same moment both may give way; a predecessor may be about to end. Half a second in all. */
const ATTEMPTS = 5;
const PAUSE_MS = 100;

/** A service's own folder, held until released. */
export interface HeldFolder {
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Makes `<data>/<service>` (mode 0700) and holds it for this process: no other process holds the same one, and no
 * other monitor holds any in the same data folder. The lock of a process that is gone does not count.
 *
 * Locks tell by pid and start time. Containers do not see each other's processes: give each monitor its own volume.
 *
 * @throws {FolderError} naming the folder, who holds it, and the mend.
 */
export async function holdFolder(data: string, service: Id, monitor: Id): Promise<HeldFolder> {
  const folder = resolve(data);
  const path = join(folder, service);
  const self = identify(process.pid) ?? { pid: process.pid, started: null, where: null };
  const own: Holder = { service, monitor, ...self };
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const lock = await takeLock(folder, own);
    return { path, release: () => rm(lock, { force: true }) };
  } catch (cause) {
    if (cause instanceof FolderError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FolderError(
      `cannot use the data folder ${folder}: ${reason}; make it writable or choose another with --data`,
      { cause },
    );
  }
}

/**
 * Every lock is a file of its own name, written before the others are looked at: of two at once at least one sees the
 * other and gives way. Names are never used twice, so one that is gone can be removed by anybody at any time.
 *
 * @returns the lock's file.
 */
async function takeLock(folder: string, own: Holder): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const name = `${own.service}.${randomBytes(6).toString('hex')}${SUFFIX}`;
    const lock = join(folder, name);
    // Renamed once it is whole, so that nobody takes one half written for broken.
    await writeFile(`${lock}.new`, JSON.stringify(own), { mode: 0o600 });
    await rename(`${lock}.new`, lock);
    const rival = await findRival(folder, name, own);
    if (rival === undefined) return lock;
    await rm(lock, { force: true });
    if (attempt === ATTEMPTS) throw inUse(folder, rival);
    await pause(PAUSE_MS * (0.5 + Math.random()));
  }
}

/** Whose live lock stands against ours; removes those of processes that are gone. */
async function findRival(folder: string, ownName: string, own: Holder): Promise<Holder | undefined> {
  for (const file of await readdir(folder)) {
    if (!file.endsWith(SUFFIX) || file === ownName) continue;
    const text = await textOf(join(folder, file));
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder === undefined || !isAlive(holder)) await rm(join(folder, file), { force: true });
    else if (holder.service === own.service || holder.monitor !== own.monitor) return holder;
  }
  return undefined;
}

function inUse(folder: string, { monitor, pid }: Holder): FolderError {
  return new FolderError(
    `the data folder ${folder} is in use by monitor ${monitor}, process ${pid}; stop that one (kill ${pid}) or choose another folder with --data`,
  );
}

function parseHolder(text: string): Holder | undefined {
  try {
    return Holder.safeParse(JSON.parse(text)).data;
  } catch {
    // Locks are written whole, so this is no lock of ours or a broken disk: nobody holds it.
    return undefined;
  }
}

/** `undefined` when somebody has removed it meanwhile. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
