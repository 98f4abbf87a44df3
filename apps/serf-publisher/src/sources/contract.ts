export { sourceContract } from './contract/contract.ts';
export { Recorder } from './contract/recorder.ts';
export type { World, WorldPort, WorldService } from './contract/world.ts';
