import { allSteps, combineSources, type InventoryResult } from './combine.ts';
import { Complaints } from './complaints.ts';
import { decodeFile } from './decode.ts';
import { readText, type Format } from './format.ts';
import type { LocalNetwork } from './local-network.ts';
import type { Source } from './source.ts';

/** One file to read. */
export interface InventoryFile {
  /** As people call it; its ending helps to tell the format. */
  readonly file: string;
  readonly content: string | Uint8Array;
  readonly format?: Format | undefined;
}

/**
 * Reads an inventory from all its files together: parents may stand in another file, ids must differ over all of them.
 * Never throws: mistakes are problems, and any error leaves no device.
 *
 * @param local what `find` entries stand for; left out, they are checked but stand for nothing.
 */
export function readInventory(files: readonly InventoryFile[], local?: LocalNetwork): InventoryResult {
  return allSteps(inventorySteps(files, local));
}

/**
 * The same in steps, for a caller that has something else to do meanwhile: 100,000 devices take seconds, and a connection
 * whose keepalive is as short must not wait for them.
 */
export function* inventorySteps(
  files: readonly InventoryFile[],
  local?: LocalNetwork,
): Generator<void, InventoryResult, void> {
  const sources: Source[] = [];
  for (const file of files) {
    sources.push(readSource(file));
    yield;
  }
  return yield* combineSources(sources, local);
}

/** Reads one inventory file by itself, as `guaita devices check FILE` does. */
export function checkInventory(content: string | Uint8Array, file: string, local?: LocalNetwork): InventoryResult {
  return readInventory([{ file, content }], local);
}

function readSource({ file, content, format }: InventoryFile): Source {
  const complaints = new Complaints();
  const text = typeof content === 'string' ? decodeText(content, complaints) : decodeFile(content, complaints);
  if (text === undefined) return { file, entries: [], complaints, locate: (paths) => paths.map(() => 0) };
  return readText(text, file, format);
}

/** Text that was read elsewhere is held to the same rules as a file's bytes. */
function decodeText(text: string, complaints: Complaints): string | undefined {
  const zero = text.indexOf('\0');
  if (zero === -1) return text.replace(/^\uFEFF/, '');
  complaints.error([], 'holds binary data; give a text file', text.slice(0, zero).split('\n').length);
  return undefined;
}
