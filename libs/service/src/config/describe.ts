import type { Config } from './parse.ts';
import { originText, pathText } from '@guaita/settings';

/** The configuration in effect as lines for people: `ping.interval_s = 60 (guaita.yaml:14)`. Secrets are hidden. */
export function describeConfig(config: Config): string[] {
  return config.entries.map(({ path, text, origin }) => `${pathText(path)} = ${text} (${originText(origin)})`);
}
