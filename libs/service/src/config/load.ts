import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { z } from 'zod';
import type { ConfigSection } from '../service.ts';
import { CONFIG_VARIABLE } from './environment.ts';
import { parseConfig, type Config, type FlagValue } from './parse.ts';
import { ConfigError, type Origin } from '@guaita/settings';

/** Read when it is there and no other is named. */
export const DEFAULT_CONFIG_FILE = 'guaita.yaml';

export interface LoadOptions {
  readonly definitions: readonly ConfigSection[];
  /** The file named by `--config`; it must exist. */
  readonly file?: string | undefined;
  readonly flags?: readonly FlagValue[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly hostName?: string;
}

/**
 * Reads `guaita.yaml` (or the file named by `--config` or `GUAITA_CONFIG`), the `GUAITA_*` variables and the flags.
 *
 * @throws {ConfigError} with every mistake found.
 */
export function loadConfig(options: LoadOptions): Config {
  const { definitions, flags = [], env = process.env, hostName = hostname() } = options;
  const file = readConfigFile(options.file, env[CONFIG_VARIABLE]);
  const readFile = (name: string): string => readFileSync(name, 'utf8');
  const result = parseConfig({ definitions, flags, env, hostName, readFile, ...(file === undefined ? {} : { file }) });
  if ('problems' in result) throw new ConfigError(result.problems);
  return result.config;
}

/** A service's section, as its own schema gives it. */
export function sectionOf<Schema extends z.ZodType>(
  config: Config,
  definition: ConfigSection<Schema>,
): z.output<Schema> {
  return config.sections[definition.name] as z.output<Schema>;
}

function readConfigFile(fromFlag: string | undefined, fromEnv = ''): { name: string; text: string } | undefined {
  const named = fromFlag ?? (fromEnv === '' ? undefined : fromEnv);
  const name = named ?? DEFAULT_CONFIG_FILE;
  try {
    return { name, text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(name)) };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    if (named === undefined && code === 'ENOENT') return undefined;
    const origin: Origin =
      named === undefined
        ? { kind: 'file', file: name, line: 1 }
        : fromFlag !== undefined
          ? { kind: 'flag', flag: '--config' }
          : { kind: 'variable', name: CONFIG_VARIABLE };
    const isText = code !== 'ERR_ENCODING_INVALID_ENCODED_DATA';
    const problem = isText
      ? { cause: `cannot read ${name} (${code})`, mend: 'name a readable file' }
      : { cause: `${name} is not UTF-8 text`, mend: 'save it as UTF-8' };
    throw new ConfigError([{ origin, path: [], ...problem }], { cause });
  }
}
