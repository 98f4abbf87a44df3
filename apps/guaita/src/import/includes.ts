import { MAX_FILE_bytes, tooLarge } from '@guaita/assign/inventory';
import type { Included } from '@guaita/assign/inventory/import';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';

/**
 * Finds the files that a configuration includes: those in its own folder and below, and no others, so that a file from
 * elsewhere cannot have this host's own files read.
 *
 * @param file the configuration.
 */
export function includesOf(file: string): (name: string, from: string) => Included {
  const folder = dirname(resolve(file));
  let left_bytes = MAX_FILE_bytes;
  return (name, from) => {
    const included = isAbsolute(name) ? name : join(dirname(from), name);
    // Asked before it is looked for, and again of what it is a link to.
    if (!isBelow(folder, resolve(included))) return outside(folder);
    try {
      if (!isBelow(realpathSync(folder), realpathSync(included))) return outside(folder);
      const facts = statSync(included);
      if (!facts.isFile()) return { problem: 'is no file; name one, or take this line out' };
      if (facts.size > left_bytes) return { problem: `all files together: ${tooLarge(MAX_FILE_bytes + 1)}` };
      left_bytes -= facts.size;
      return { file: included, text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(included)) };
    } catch (error) {
      return { problem: `cannot be read: ${(error as Error).message}; put a text file there, or take this line out` };
    }
  };
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith('../') && !isAbsolute(way);
}

function outside(folder: string): Included {
  return {
    problem: `is outside ${folder}, where nothing is read; copy it there and name it so, or import it by itself`,
  };
}
