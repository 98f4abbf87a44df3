export { BelievedStore, UnbelievableReadError } from './believed-store.ts';
export { Layout, NAMESPACE } from './layout.ts';
export { decodeLife } from './life.ts';
export { OwnPart } from './own-part.ts';
export { ANTIDOTE_PACE } from './pace.ts';
