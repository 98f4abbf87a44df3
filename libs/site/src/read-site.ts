import { readSettings } from '@guaita/settings';
import { Site } from './site.ts';

/** As it is called unless somebody calls it otherwise. */
export const SITE_FILE = 'site.yaml';

/**
 * Reads the text of a `site.yaml`.
 *
 * @param file its name, for errors.
 * @throws {ConfigError} with every mistake found: file, line, cause and mend.
 */
export function readSite(text: string, file = SITE_FILE): Site {
  return readSettings(file, text, Site);
}
