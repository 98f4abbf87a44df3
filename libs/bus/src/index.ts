export * from './bus.ts';
export * from './wire.ts';
