export type { LeftOut } from './harvest.ts';
export * from './import-devices.ts';
export { ORIGIN_NAMES, ORIGINS, type Origin } from './origin.ts';
export type { NeededProfile } from './profiles.ts';
export type { Included } from './smokeping-config.ts';
