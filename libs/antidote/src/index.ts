export { DEFAULT_PORT, parseAddress, type Address } from './address.ts';
export { backoff, type BackoffOptions } from './backoff.ts';
export { text, type Bytes } from './bytes.ts';
export * from './client.ts';
export * from './crdt.ts';
export * from './errors.ts';
export type { Transaction } from './transaction.ts';
export * from './update.ts';
export { MapValue, type MapEntry, type Value, type ValueOf, type ValuesOf } from './value.ts';
