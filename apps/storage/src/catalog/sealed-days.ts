import { isDay } from '../day.ts';
import { kinds, type KindName } from '../kinds/kinds.ts';
import { Catalog, type CatalogParts } from './catalog.ts';

/** The component of health that tells of sealed files that are left out. */
export const SEALED_FILES = 'history files';

/** The sealed files of each kind, by day. */
export function sealedDays(
  parts: Omit<CatalogParts<KindName>, 'kinds' | 'wrongPeriod' | 'component'>,
): Catalog<KindName> {
  return new Catalog({
    ...parts,
    kinds,
    wrongPeriod: (_kind, folder) => (isDay(folder) ? undefined : 'its name is no day (2026-11-23)'),
    component: SEALED_FILES,
  });
}
