export * from './host.ts';
export * from './read-site.ts';
export * from './site.ts';
