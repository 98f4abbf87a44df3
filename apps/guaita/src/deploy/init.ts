import { readSite, SITE_FILE, type Site } from '@guaita/site';
import { join } from 'node:path';
import { askForSite, type Person } from './ask.ts';
import type { RandomBytes } from './certificates.ts';
import { readFolder, writeFolder } from './folder.ts';
import { FILES, passwordFile, planSecrets, USERS } from './secrets.ts';
import { changedSiteText, newSiteText, type SiteAnswers } from './site-text.ts';

/** What `init` is to make, and by what. */
export interface InitOptions {
  readonly folder: string;
  readonly given: SiteAnswers;
  /** Who is asked for what was not given; without one, what is missing is an error. */
  readonly person?: Person | undefined;
  /** What every deployment has, by its path from the folder; those in `own` are the person's to change, and kept. */
  readonly templates: { readonly ours: ReadonlyMap<string, string>; readonly own: ReadonlyMap<string, string> };
  readonly now_ms: number;
  readonly random: RandomBytes;
}

/** What `init` did: the site, and a line for each thing that it made, renewed or took away. */
export interface InitResult {
  readonly site: Site;
  readonly said: readonly string[];
}

/** Every file with a secret or certificate that a deployment has. */
export const SECRET_FILES: readonly string[] = [...Object.values(FILES), ...USERS.map((user) => passwordFile(user))];

/**
 * Makes the folder of a deployment, or brings it up to date: `site.yaml`, secrets, certificates. May be run as often as
 * one likes; what is there and serves is kept.
 *
 * @throws {ConfigError} when `site.yaml`, or what was given for it, has mistakes.
 * @throws {SecretsError} when what is there does not fit together.
 * @throws {FolderError} when the folder cannot be read or written.
 */
export async function init(options: InitOptions): Promise<InitResult> {
  const { folder, templates, now_ms, random } = options;
  const found = await readFolder(folder, [
    SITE_FILE,
    ...SECRET_FILES,
    ...templates.ours.keys(),
    ...templates.own.keys(),
  ]);
  const old = found.get(SITE_FILE);
  const text = await siteTextOf(old, options);
  const site = readSite(text, join(folder, SITE_FILE));
  const secrets = planSecrets(found, site, now_ms, random);
  const files = new Map([
    ...(text === old ? [] : [[SITE_FILE, text] as const]),
    ...[...templates.ours].filter(([name, ours]) => found.get(name) !== ours),
    ...[...templates.own].filter(([name]) => !found.has(name)),
    ...secrets.files,
  ]);
  await writeFolder(folder, files);
  const written = [...files.keys()].filter((name) => !secrets.files.has(name));
  return {
    site,
    said: [...written.map((name) => `${found.has(name) ? 'changed' : 'made  '} ${name}`), ...secrets.said],
  };
}

async function siteTextOf(old: string | undefined, { given, person }: InitOptions): Promise<string> {
  if (old !== undefined) return changedSiteText(old, given);
  return newSiteText(person === undefined ? given : await askForSite(given, person));
}
