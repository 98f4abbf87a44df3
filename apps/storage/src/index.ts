import type { ServiceDefinition } from '@guaita/service';
import { storageConfig } from './config.ts';
import { StorageService } from './service.ts';

// Every command of the command line loads what stands here: the database and the HTTP server are at '@guaita/storage/engine'
// and '@guaita/storage/http', and the service loads them when it starts.
export type { Span } from './history.ts';
export { makeToken, Role, TokenName, tokensConfig, type TokensConfig } from './http/access/tokens.ts';
export type { HistoryQueries } from './http/history-queries.ts';

/** The storage service, as `main.ts` and `guaita up` start it. */
export const storage: ServiceDefinition<typeof storageConfig> = {
  name: 'storage',
  description: 'Keeps what was seen, and gives it back.',
  config: storageConfig,
  create: (context, config) => new StorageService(context, config),
};
