import { open, rename, rm } from 'node:fs/promises';

/** Why a file was not written. */
export class NewFileError extends Error {
  override readonly name = 'NewFileError';
}

/**
 * Writes a text file as a whole or not at all.
 *
 * @param replace whether a file that is there may be replaced.
 * @throws {NewFileError} when it is there already, or cannot be written; the message names the cause and the mend.
 */
export async function writeNewFile(file: string, text: string, replace: boolean): Promise<void> {
  // What is there is replaced only by what is whole; a new name is taken at once, or somebody else might in between.
  const target = replace ? `${file}.new` : file;
  try {
    const handle = await open(target, replace ? 'w' : 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } catch (error) {
      await rm(target, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    if (replace) await rename(target, file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const cause =
      code === 'EEXIST'
        ? 'is there already; give another name, or --force to replace it'
        : `cannot be written: ${message}; name a file in a folder that is there`;
    throw new NewFileError(`${file} ${cause}`, { cause: error });
  }
}
