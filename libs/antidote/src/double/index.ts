export { AntidoteDouble, type DoubleOptions, type Fault } from './antidote-double.ts';
export type { ClientRequest } from './read-request.ts';
export { Store, type Objects } from './store.ts';
