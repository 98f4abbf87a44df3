import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of a file system in memory (statfs(2), TMPFS_MAGIC): what is written to it is written nowhere. */
const TMPFS = 0x0102_1994;

/** A folder on a disk, of which nothing is left when it is over, however that ends. */
export class ScratchFolder {
  readonly path: string;
  readonly #remove = (): void => rmSync(this.path, { recursive: true, force: true });

  /** @throws {Error} where there is no disk to be found. */
  constructor(prefix: string) {
    const found = [tmpdir(), '/var/tmp'].find((path) => existsSync(path) && statfsSync(path).type !== TMPFS);
    if (found === undefined) {
      throw new Error(`${tmpdir()} and /var/tmp are in memory, and what is written to a disk is counted; set TMPDIR`);
    }
    this.path = mkdtempSync(join(found, prefix));
    process.once('exit', this.#remove);
  }

  remove(): void {
    process.removeListener('exit', this.#remove);
    this.#remove();
  }
}
