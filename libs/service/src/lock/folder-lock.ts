import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Id } from '@guaita/model';
import { z } from 'zod';
import { identify, isAlive } from './process-identity.ts';

/** The data folder cannot be used: somebody else uses it, or it cannot be written. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

const Holder = z.object({
  monitor: z.string(),
  pid: z.int(),
  started: z.string().nullable(),
  where: z.string().nullable(),
});
type Holder = z.infer<typeof Holder>;

const SUFFIX = '.lock';

/** A service's own folder, held until released. */
export interface HeldFolder {
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Makes `<data>/<name>` (mode 0700) and holds it for this process: no other process holds the same one, and no other
 * monitor holds any in the same data folder. A lock whose process is gone is taken over.
 *
 * Locks tell by pid and start time. Containers do not see each other's processes: give each monitor its own volume.
 *
 * @throws {FolderError} naming the folder, who holds it, and the mend.
 */
export async function holdFolder(data: string, name: Id, monitor: Id): Promise<HeldFolder> {
  const folder = resolve(data);
  const path = join(folder, name);
  const lock = join(folder, `${name}${SUFFIX}`);
  const own: Holder = { monitor, ...(identify(process.pid) ?? { pid: process.pid, started: null, where: null }) };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await mkdir(path, { recursive: true, mode: 0o700 });
    await takeLock(folder, lock, own);
  } catch (cause) {
    if (cause instanceof FolderError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FolderError(
      `cannot use the data folder ${folder}: ${reason}; make it writable or choose another with --data`,
      {
        cause,
      },
    );
  }
  const release = (): Promise<void> => rm(lock, { force: true });
  try {
    await refuseOtherMonitors(folder, own);
  } catch (error) {
    await release();
    throw error;
  }
  return { path, release };
}

async function takeLock(folder: string, lock: string, own: Holder): Promise<void> {
  const draft = `${lock}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    // A link appears whole or not at all, and never in another's place.
    while (!(await linked(draft, lock))) await clearIfStale(folder, lock);
  } finally {
    await rm(draft, { force: true });
  }
}

async function linked(draft: string, lock: string): Promise<boolean> {
  try {
    await link(draft, lock);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** @throws {FolderError} when the lock's process runs. */
async function clearIfStale(folder: string, lock: string): Promise<void> {
  const text = await textOf(lock);
  if (text === undefined) return;
  const holder = parseHolder(text);
  if (holder !== undefined && isAlive(holder)) throw inUse(folder, holder);
  // Between reading and removing, another may have cleared it and taken the lock: then it is put back.
  const aside = `${lock}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(lock, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await textOf(aside)) !== text) await linked(aside, lock);
  await rm(aside, { force: true });
}

/** Every lock is written before the others are looked at, so that of two at once at least one sees the other. */
async function refuseOtherMonitors(folder: string, own: Holder): Promise<void> {
  for (const file of await readdir(folder)) {
    if (!file.endsWith(SUFFIX)) continue;
    const holder = parseHolder((await textOf(join(folder, file))) ?? '');
    if (holder !== undefined && holder.monitor !== own.monitor && isAlive(holder)) throw inUse(folder, holder);
  }
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

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
