export * from './channel.ts';
export * from './channels.ts';
export * from './expiry.ts';
export * from './payloads.ts';
