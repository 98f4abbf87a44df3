export * from './bucket-level.ts';
export * from './channel.ts';
export * from './channels.ts';
export * from './commands.ts';
export * from './expiry.ts';
export * from './payloads.ts';
