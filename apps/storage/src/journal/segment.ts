import { dirname } from 'node:path';
import type { AppendFile, Disk } from '../disk/disk.ts';

/**
 * A file of the journal that rows are appended to, made at the first. Where the disk does not take them they are owed: held
 * in memory, in order, until it does.
 */
export class Segment {
  readonly #disk: Disk;
  readonly #path: string;
  #file: AppendFile | undefined;
  #written_bytes = 0;
  #owed: Buffer[] = [];
  #owed_bytes = 0;
  #isUnsynced = false;
  /** Its folder may not name it yet after a loss of power. */
  #isNew = true;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  /** How much has not been written. */
  get owed_bytes(): number {
    return this.#owed_bytes;
  }

  /** The lines behind so many bytes, those that are owed too. */
  async since(from_bytes: number): Promise<Buffer> {
    // What comes, or is written, while the file is read is asked for next time.
    const [written_bytes, owed] = [this.#written_bytes, Buffer.concat(this.#owed)];
    const wanted_bytes = Math.max(0, written_bytes - from_bytes);
    const written =
      wanted_bytes === 0 ? [] : [(await this.#disk.read(this.#path, from_bytes)).subarray(0, wanted_bytes)];
    return Buffer.concat([...written, owed.subarray(Math.max(0, from_bytes - written_bytes))]);
  }

  /** Writes lines before it returns. @returns why it could not, in which case they are owed. */
  append(lines: Buffer): unknown {
    if (this.#owed_bytes === 0) {
      try {
        this.#write(lines);
        return undefined;
      } catch (error) {
        this.#owe(lines);
        return error;
      }
    }
    this.#owe(lines);
    return undefined;
  }

  /** Writes what is owed. @throws why it still cannot. */
  settle(): void {
    if (this.#owed_bytes === 0) return;
    this.#write(Buffer.concat(this.#owed));
    this.forgive();
  }

  /** What is owed stands somewhere else by now. */
  forgive(): void {
    this.#owed = [];
    this.#owed_bytes = 0;
  }

  /** Waits until all that was written before outlives a loss of power. */
  async sync(): Promise<void> {
    if (!this.#isUnsynced) return;
    this.#isUnsynced = false;
    try {
      await this.#file?.sync();
      if (this.#isNew) await this.#disk.sync(dirname(this.#path));
      this.#isNew = false;
    } catch (error) {
      this.#isUnsynced = true;
      throw error;
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #write(lines: Buffer): void {
    this.#file ??= this.#disk.create(this.#path);
    this.#file.write(lines);
    this.#written_bytes += lines.length;
    this.#isUnsynced = true;
  }

  #owe(lines: Buffer): void {
    this.#owed.push(Buffer.from(lines));
    this.#owed_bytes += lines.length;
  }
}
