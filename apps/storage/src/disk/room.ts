import { statfs } from 'node:fs/promises';

/** How much of a disk is there for programs such as this one: what it keeps back for root is not. */
export interface Room {
  readonly free_bytes: number;
  readonly total_bytes: number;
}

/** The room on the disk that a folder is on; the folder is there. */
export async function roomOf(folder: string): Promise<Room> {
  const { bavail, bfree, blocks, bsize } = await statfs(folder);
  return { free_bytes: bavail * bsize, total_bytes: (blocks - bfree + bavail) * bsize };
}
