import type { Id } from '@guaita/model';
import { over, type Named } from './named.ts';

/** What holds for whatever bears some tags. */
export type ByTag<Rule> = (tags: readonly Id[]) => Rule;

/**
 * What holds for whatever bears some tags, where tags name fields of it that differ from the usual; of several tags the
 * first that names a field counts for it.
 *
 * @param make is called once for all that bear the same of these tags.
 */
export function byTag<Rule, Made>(
  usual: Rule,
  own: ReadonlyMap<Id, Named<NoInfer<Rule>>>,
  make: (rule: Rule) => Made,
): ByTag<Made> {
  const made = new Map<string, Made>();
  return (tags) => {
    const naming = tags.filter((tag) => own.has(tag));
    const key = naming.join(' ');
    let known = made.get(key);
    if (known === undefined) {
      known = make(naming.reduceRight((rule, tag) => over(rule, own.get(tag)), usual));
      made.set(key, known);
    }
    return known;
  };
}
