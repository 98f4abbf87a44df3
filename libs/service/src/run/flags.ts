import type { Command } from 'commander';
import type { FlagValue } from '../config/parse.ts';
import type { Path } from '@guaita/settings';

/** The flags that every program shares, and what each sets. */
const COMMON_FLAGS: readonly {
  readonly flag: string;
  readonly value: string;
  readonly path: Path;
  readonly help: string;
}[] = [
  { flag: '--monitor', value: 'ID', path: ['monitor'], help: 'this monitor’s id (default: the host’s name)' },
  { flag: '--site', value: 'ID', path: ['site'], help: 'its site (default: home)' },
  { flag: '--tags', value: 'TAG,…', path: ['tags'], help: 'words by which devices choose monitors (default: none)' },
  { flag: '--data', value: 'DIR', path: ['data'], help: 'where state is kept (default: ./data)' },
  { flag: '--broker', value: 'URL', path: ['mqtt', 'url'], help: 'the MQTT broker (default: mqtt://127.0.0.1:1883)' },
  {
    flag: '--http-port',
    value: 'N',
    path: ['http', 'port'],
    help: 'for the page, /metrics and /healthz; 0: any (default: 7480)',
  },
  {
    flag: '--log-level',
    value: 'LEVEL',
    path: ['log', 'level'],
    help: 'trace, debug, info, warn, error, fatal or silent',
  },
];

/** Adds `--config` and the flags that override common fields. */
export function addCommonFlags(command: Command): Command {
  command.option('--config <FILE>', 'the configuration (default: guaita.yaml, when it is there)');
  for (const { flag, value, help } of COMMON_FLAGS) command.option(`${flag} <${value}>`, help);
  return command;
}

/** What the flags of `addCommonFlags` were given, as overrides of the configuration. */
export function commonFlagValues(options: Readonly<Record<string, unknown>>): FlagValue[] {
  return COMMON_FLAGS.flatMap(({ flag, path }) => {
    const text = options[camelCase(flag)];
    return typeof text === 'string' ? [{ flag, path, text }] : [];
  });
}

/** As commander names options: `--http-port` → `httpPort`. */
function camelCase(flag: string): string {
  return flag.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
