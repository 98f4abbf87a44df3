import type { ServiceRecord } from './service-record.ts';

/** A service as it is published: one of those that all sources have together. */
export interface PublishedService extends ServiceRecord {
  /** The name of the source that told it. */
  readonly source: string;
}

/** The order in which services are told where the order says nothing: the same for the same services, always. */
export function byKey(a: PublishedService, b: PublishedService): number {
  return compareTexts(keyOf(a), keyOf(b));
}

/** Of each service one text. No field but the last two holds a space. */
function keyOf({ type, name, address, port, protocol, source, description, txt }: PublishedService): string {
  const attributes = Object.keys(txt).sort(compareTexts);
  const told = [...attributes.map((key) => [key, txt[key]]), description];
  return `${type} ${name} ${String(port).padStart(5, '0')} ${protocol} ${address} ${source} ${JSON.stringify(told)}`;
}

/** By code unit, which is the same on every host; how a language sorts is not. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
