/** A file that is added to. */
export interface AppendFile {
  /**
   * Adds bytes whole, before it returns; a process killed after that has lost nothing.
   *
   * @throws what the disk says (no room); then nothing of them is in the file, or the next `write` takes it away.
   */
  write(bytes: Uint8Array): void;
  /** Waits until all that was written outlives a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileFacts {
  /** No folder, link, pipe or device. */
  readonly isFile: boolean;
  readonly size_bytes: number;
  readonly modified_ms: number;
}

/** What the store does with files, so that tests can crash at each step of it. */
export interface Disk {
  /** A new file, at once. @throws when there is one of this name. */
  create(path: string): AppendFile;
  /** Makes a folder with all above it, so that they outlive a loss of power. */
  makeFolder(path: string): Promise<void>;
  /** The names in a folder, in no order; none where there is no such folder. */
  list(path: string): Promise<string[]>;
  /** A file, or what of it stands at and behind a byte. */
  read(path: string, from_bytes?: number): Promise<Buffer>;
  /** Writes a file that need not outlive anything. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Shortens a file, so that it stays short also after a loss of power. */
  truncate(path: string, size_bytes: number): Promise<void>;
  /** Waits until a file, or what a folder names, outlives a loss of power. */
  sync(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Takes a file away, if it is there. */
  remove(path: string): Promise<void>;
  /** Takes a folder away if it is there and empty. */
  removeFolder(path: string): Promise<void>;
  /** Tells of a link what it is, not what it points to; `undefined` where there is nothing. */
  stat(path: string): Promise<FileFacts | undefined>;
}
