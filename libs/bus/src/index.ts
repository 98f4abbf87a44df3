export * from './backoff.ts';
export * from './bus.ts';
export * from './command-client.ts';
export * from './memory-broker.ts';
export * from './memory-bus.ts';
export * from './mqtt-bus.ts';
export { covers, filterFault, topicFault, compileFilter } from './topic-filter.ts';
export type { BusLog, BusOptions } from './bus-options.ts';
export * from './wire.ts';
