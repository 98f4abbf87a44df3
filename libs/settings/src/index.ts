export * from './document.ts';
export * from './issues.ts';
export * from './nearest.ts';
export * from './problem.ts';
export * from './read-settings.ts';
export * from './schema.ts';
export * from './unknown-keys.ts';
