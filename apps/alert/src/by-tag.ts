import type { Id } from '@guaita/model';

/** What holds for whatever bears some tags. */
export type ByTag<Rule> = (tags: readonly Id[]) => Rule;

/** @param own by tag, where that is to differ from the usual; of several tags the first of the device that has one counts. */
export function byTag<Rule>(usual: Rule, own: ReadonlyMap<Id, Rule>): ByTag<Rule> {
  return (tags) => {
    const tag = tags.find((each) => own.has(each));
    return (tag === undefined ? undefined : own.get(tag)) ?? usual;
  };
}
