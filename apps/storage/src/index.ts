import type { ServiceDefinition } from '@guaita/service';
import { storageConfig } from './config.ts';

// Every command of the command line loads what stands here: the service, with the database and the HTTP server, is loaded
// when it is made, and who needs those by themselves finds them at '@guaita/storage/engine' and '@guaita/storage/http'.
export type { Span } from './history.ts';
export { makeToken, Role, TokenName, tokensConfig, type TokensConfig } from './http/access/tokens.ts';
export type { HistoryQueries } from './http/history-queries.ts';

/** The storage service, as `main.ts` and `guaita up` start it. */
export const storage: ServiceDefinition<typeof storageConfig> = {
  name: 'storage',
  description: 'Keeps what was seen, and gives it back.',
  config: storageConfig,
  create: async (context, config) => {
    const { StorageService } = await import('./service.ts');
    return new StorageService(context, config);
  },
};
