import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What every deployment has, by its path from the folder. */
export interface Templates {
  /** Replaced by every `init`: they are of the program's version. */
  readonly ours: ReadonlyMap<string, string>;
  /** The person's to change: made where they are missing, and then left alone. */
  readonly own: ReadonlyMap<string, string>;
}

/** The folder `deploy`: beside the bundle, or where the sources are. */
const [BUNDLED = '', SOURCE = ''] = ['deploy/', '../../../../deploy/'].map((place) =>
  fileURLToPath(new URL(place, import.meta.url)),
);

const OURS = /^(stack[^/]*\.yml|antidote\/.+)$/;
const OWN = /^(config|inventory)\/.+\.yaml$/;

/** Reads those of this version. */
export async function readTemplates(): Promise<Templates> {
  const folder = existsSync(join(BUNDLED, 'stack.yml')) ? BUNDLED : SOURCE;
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const matching = async (pattern: RegExp): Promise<Map<string, string>> => {
    const chosen = names.filter((name) => pattern.test(name)).sort();
    const texts = await Promise.all(chosen.map((name) => readFile(join(folder, name), 'utf8')));
    return new Map(chosen.map((name, index) => [name, texts[index] ?? '']));
  };
  return { ours: await matching(OURS), own: await matching(OWN) };
}
