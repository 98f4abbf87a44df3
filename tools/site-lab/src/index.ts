export { ClaimsSeen } from './claims-seen.ts';
export type { Look, Observer, SeenChange } from './observer.ts';
export { startSite, type Site, type SiteOptions } from './site.ts';
