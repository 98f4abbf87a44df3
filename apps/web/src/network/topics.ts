/** What the page listens to below the base topic, in the order in which it needs it. */
export const TOPICS = {
  cluster: 'cluster/+',
  spec: 'device/+/spec',
  state: 'device/+/state',
  openAlert: 'alert-open/+',
  silence: 'silence/+',
  service: 'monitor/+/service/+',
  trouble: 'monitor/+/trouble/+',
  ping: 'monitor/+/ping/+',
  found: 'service/+/+',
  member: 'serf/member/+',
} as const;

export type Kind = keyof typeof TOPICS;

const LEVELS = Object.entries(TOPICS).map(([kind, filter]) => [kind as Kind, filter.split('/')] as const);

/** What a topic below the base is about: its kind, and what stands in the places of the filter's `+`. */
export function aboutTopic(topic: string): readonly [Kind, string, string] | undefined {
  const levels = topic.split('/');
  for (const [kind, filter] of LEVELS) {
    if (filter.length !== levels.length) continue;
    if (!filter.every((level, index) => level === '+' || level === levels[index])) continue;
    const [first = '', second = ''] = levels.filter((_, index) => filter[index] === '+');
    return [kind, first, second];
  }
  return undefined;
}
