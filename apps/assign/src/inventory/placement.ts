import { isId, normaliseId, Placement, type Id } from '@guaita/model';
import { isMapping } from './mapping.ts';
import { show, type Path } from './problem.ts';
import type { Complain } from './checks.ts';

/** What is said under `placement`: rules to lay over the default ones, or `false` for none at all. */
export type PlacementSetting = Placement | false | undefined;

type Key = keyof Placement;

/** The names of the rules. */
export const PLACEMENT_KEYS = Object.keys(Placement.shape) as readonly Key[];

/** Far above any use, as of tags. */
const MAX_NAMES = 64;

/** Reads what stands under `placement`; what is wrong is left out and complained of. */
export function placementSetting(value: unknown, complain: Complain): PlacementSetting {
  if (value === undefined || value === null || value === false) return value ?? undefined;
  if (!isMapping(value)) {
    complain([], `${show(value)} is no placement; give rules such as {only_sites: [attic]}, or false for none`);
    return undefined;
  }
  const rules: Placement = {};
  for (const [key, names] of Object.entries(value)) {
    const known = PLACEMENT_KEYS.find((each) => each === key);
    if (known === undefined) {
      complain([key], `${show(key)} is no known key; known are ${PLACEMENT_KEYS.join(', ')}`);
      continue;
    }
    if (names === null) continue;
    const ids = readNames(names, known, complain);
    if (ids.length > 0) rules[known] = ids;
  }
  return rules;
}

/** A device's own rules, laid over the default ones, key by key. `undefined` when any monitor may watch it. */
export function placementOf(
  defaults: PlacementSetting,
  own: PlacementSetting,
  complain: Complain,
): Placement | undefined {
  if (own === false || (own === undefined && defaults === false)) return undefined;
  const rules: Placement = { ...(defaults === false ? undefined : defaults), ...own };
  for (const kind of ['sites', 'tags'] as const) {
    const barred = new Set(rules[`not_${kind}`]);
    const only = rules[`only_${kind}`] ?? [];
    if (only.length === 0 || only.some((name) => !barred.has(name))) continue;
    complain([`not_${kind}`], `bars all that only_${kind} names, so that no monitor is left; take one of the two out`);
    return undefined;
  }
  return Object.keys(rules).length === 0 ? undefined : rules;
}

function readNames(value: unknown, key: Key, complain: Complain): Id[] {
  const names = Array.isArray(value) ? (value as unknown[]) : [value];
  const what = key.endsWith('sites') ? 'site' : 'tag';
  if (names.length === 0) complain([key], `is empty; name a ${what}, or take it out`);
  if (names.length > MAX_NAMES) {
    complain([key], `has ${names.length} entries; give at most ${MAX_NAMES}`);
    return [];
  }
  const ids = names.filter((name, index): name is Id => {
    if (typeof name === 'string' && isId(name)) return true;
    const at: Path = Array.isArray(value) ? [key, index] : [key];
    const near = typeof name === 'string' || typeof name === 'number' ? normaliseId(`${name}`) : undefined;
    complain(at, `${show(name)} is no ${what}; ${near === undefined ? 'take it out' : `write "${near}"`}`);
    return false;
  });
  return [...new Set(ids)];
}
