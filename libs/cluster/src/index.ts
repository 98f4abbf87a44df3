export * from './effect.ts';
export { bucketOf } from './hash.ts';
export { compareStamps } from './hlc.ts';
export { type Change } from './intent-exchange.ts';
export { digestOf, intentKey } from './intents.ts';
export * from './link.ts';
export { Member } from './member.ts';
export * from './member-options.ts';
export { type UnderWatched } from './reporter.ts';
