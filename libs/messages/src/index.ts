export * from './bucket-level.ts';
export * from './channel.ts';
export * from './channels.ts';
export * from './commands.ts';
export * from './expiry.ts';
export { IntentBucket, packIntents, unpackIntents } from './intent-bucket.ts';
export { intentLevel, intentPartOf, partIntents } from './intent-parts.ts';
export * from './notifications.ts';
export * from './payloads.ts';
