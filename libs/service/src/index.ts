export * from './clock.ts';
export * from './health.ts';
export * from './service.ts';
