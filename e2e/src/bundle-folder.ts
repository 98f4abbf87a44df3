import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of this run: where its bundle of the command line is made, once. */
    readonly bundleFolder: string;
  }
}

/** Gives a run of tests a folder that all its processes know, and takes it away when the run is over. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'guaita-bundle-'));
  provide('bundleFolder', folder);
  return () => rm(folder, { recursive: true });
}
