export type { ServiceRecord } from './services/service-record.ts';
export type { Source, SourceListener } from './sources/source.ts';
