import type { ServiceDefinition } from '@guaita/service';
import { storageConfig } from './config.ts';
import { StorageService } from './service.ts';

export { storageConfig, type StorageConfig } from './config.ts';
export { DuckDb, type EngineOptions } from './engine/duckdb.ts';
export {
  QueryError,
  type Engine,
  type Lane,
  type Parameter,
  type Parameters,
  type Result,
  type ResultRow,
} from './engine/engine.ts';
export type { History, Sources, Span } from './history.ts';
export { makeToken, Role, TokenName, tokensConfig, type TokensConfig } from './http/access/tokens.ts';
export type { HistoryQueries } from './http/history-queries.ts';
export { HttpServer, type HttpServerOptions } from './http/http-server.ts';
export { alertRow } from './kinds/alert.ts';
export { interfaceRows } from './kinds/interface.ts';
export type { Column, Heard, Kind, Row, Value } from './kinds/kind.ts';
export { kindNames, kinds, type KindName } from './kinds/kinds.ts';
export { pingRow } from './kinds/ping.ts';
export { sensorRows } from './kinds/sensor.ts';
export { snmpRow } from './kinds/snmp.ts';
export { VerdictChanges } from './kinds/verdict-changes.ts';
export { verdictRow } from './kinds/verdict.ts';
export { nodeDisk } from './disk/node-disk.ts';
export { rowsOf } from './parts/rows-of.ts';
export type { Sealed } from './seal/sealer.ts';
export { JournalFull, Store, type StoreOptions } from './store.ts';

/** The storage service, as `main.ts` and `guaita up` start it. */
export const storage: ServiceDefinition<typeof storageConfig> = {
  name: 'storage',
  description: 'Keeps what was seen, and gives it back.',
  config: storageConfig,
  create: (context, config) => new StorageService(context, config),
};
