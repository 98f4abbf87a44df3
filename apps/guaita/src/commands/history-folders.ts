import { dirname, join, resolve } from 'node:path';
import { commonFlagValues, loadConfig, sectionOf, type CommonConfig } from '@guaita/service';
import { storage } from '@guaita/storage';
import { sections } from '../sections.ts';

/** Where a storage of this configuration keeps what it keeps. */
export interface HistoryFolders {
  readonly common: CommonConfig;
  /** What is not sealed yet. */
  readonly own: string;
  readonly history: string;
}

/** @throws {ConfigError} */
export function historyFolders(options: { readonly config?: string } & object): HistoryFolders {
  const config = loadConfig({ definitions: sections, file: options.config, flags: commonFlagValues({ ...options }) });
  const own = resolve(join(config.common.data, 'storage'));
  const { folder } = sectionOf(config, storage);
  return { common: config.common, own, history: resolve(folder ?? join(dirname(own), 'history')) };
}
