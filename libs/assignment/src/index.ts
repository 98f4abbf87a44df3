export * from './decide.ts';
export { isEligible } from './eligible.ts';
export * from './planner.ts';
export { rankedFor } from './rank.ts';
export * from './types.ts';
