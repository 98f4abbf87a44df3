export * from './effect.ts';
export * from './link.ts';
