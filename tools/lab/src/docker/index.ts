export * from './base-images.ts';
export * from './daemon.ts';
export * from './program.ts';
