export { canonicalAddress } from './canonical-address.ts';
export {
  DEFAULT_RESOLVE_POLICY,
  NameCache,
  type Family,
  type Lookup,
  type Resolved,
  type ResolvePolicy,
} from './name-cache.ts';
export { DEFAULT_BURST_PER_S, Schedule } from './schedule.ts';
export { systemLookup } from './system-lookup.ts';
