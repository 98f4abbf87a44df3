export * from './decide.ts';
export * from './planner.ts';
export * from './types.ts';
