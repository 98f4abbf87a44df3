import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Files } from './secrets.ts';

/** The folder of a deployment cannot be read or written. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

/** Only the owner may enter the folder of secrets. */
const SECRETS = 'secrets';
const SECRETS_MODE = 0o700;
/** Signs for the whole site, and no container needs it. */
const OWNER_ALONE = new Set(['secrets/ca.key']);

/**
 * Reads files of the folder; those that are not there are left out.
 *
 * @throws {FolderError} when one is there and cannot be read.
 */
export async function readFolder(folder: string, names: readonly string[]): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw failure(join(folder, name), 'read', error);
    });
    if (text !== undefined) files.set(name, text);
  }
  return files;
}

/**
 * Writes files into the folder, each as a whole or not at all, and makes the folders that are missing. The files of
 * `secrets/` can be read by all who come into it, since a container that Compose starts sees its own one under the ids of
 * this host; only the owner comes into it.
 *
 * @throws {FolderError}
 */
export async function writeFolder(folder: string, files: Files): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: SECRETS_MODE });
    await mkdir(join(folder, SECRETS), { recursive: true, mode: SECRETS_MODE });
    await chmod(join(folder, SECRETS), SECRETS_MODE);
  } catch (error) {
    throw failure(join(folder, SECRETS), 'made', error);
  }
  for (const [name, text] of files) {
    const file = join(folder, name);
    try {
      await mkdir(dirname(file), { recursive: true });
      await replace(file, text, OWNER_ALONE.has(name) ? 0o600 : 0o644);
    } catch (error) {
      throw failure(file, 'written', error);
    }
  }
}

async function replace(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(`${file}.new`, 'w', mode);
  try {
    // Whatever the umask is, and whoever had begun to write it before.
    await handle.chmod(mode);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function failure(path: string, what: string, error: unknown): FolderError {
  const cause = error instanceof Error ? error.message : String(error);
  return new FolderError(
    `${path} cannot be ${what}: ${cause}; give this user the right to it, or name another folder with --folder`,
    {
      cause: error,
    },
  );
}
