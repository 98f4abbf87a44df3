export type { InventoryDevice } from './assemble.ts';
export { CNML_PROFILE } from './cnml-device.ts';
export type { InventoryResult } from './combine.ts';
export { MAX_FILE_bytes, tooLarge } from './decode.ts';
export { FORMATS, type Format } from './format.ts';
export * from './inventory.ts';
export { type LocalNetwork } from './local-network.ts';
export { formatProblem, hasErrors, type Problem, type Severity } from './problem.ts';
export { writeDevicesYaml } from './write-devices-yaml.ts';
