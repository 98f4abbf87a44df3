/**
 * Makes names distinct: those that are shared, or that cannot be a key, get their index behind a `#`. Every one of a
 * shared name's bearers does, so that none changes its name when the others come and go in another order.
 *
 * @param named the index of each thing and its name, in any order; an empty name counts as none.
 * @param prefix names a thing without a name, with its index behind.
 */
export function distinctNames(
  named: readonly (readonly [index: string, name: string | undefined])[],
  prefix: string,
): Map<string, string> {
  const bearers = new Map<string, number>();
  for (const [, name] of named) if (name) bearers.set(name, (bearers.get(name) ?? 0) + 1);
  const names = new Map<string, string>();
  const taken = new Set(
    [...bearers].filter(([name, count]) => count === 1 && name !== '__proto__').map(([name]) => name),
  );
  for (const [index, name] of named) {
    if (name && taken.has(name) && bearers.get(name) === 1) {
      names.set(index, name);
      continue;
    }
    let distinct = name ? `${name}#${index}` : `${prefix}${index}`;
    while (taken.has(distinct)) distinct += '#';
    taken.add(distinct);
    names.set(index, distinct);
  }
  return names;
}
