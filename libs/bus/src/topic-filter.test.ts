import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { compileFilter, covers, filterFault, topicFault } from './topic-filter.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

const level = fc.constantFrom('a', 'b', '', '$c');
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/'));

/** MQTT 5 §4.7 word by word, level by level. */
function matchesSlowly(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const step = (filters: readonly string[], topics: readonly string[]): boolean => {
    const [first, ...rest] = filters;
    if (first === undefined) return topics.length === 0;
    if (first === '#') return true;
    const [head, ...tail] = topics;
    return head !== undefined && (first === '+' || first === head) && step(rest, tail);
  };
  return step(filter.split('/'), topic.split('/'));
}

describe('topics and filters', () => {
  test.each([
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['a/+', 'a', false],
    ['a/+', 'a/', true],
    ['+/+', '/b', true],
    ['#', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
    ['a/b', 'a/B', false],
  ])('filter %s and topic %s: %s', (filter, topic, expected) => {
    expect(compileFilter(filter)(topic)).toBe(expected);
  });

  test('matching is what the standard says', () => {
    fc.assert(
      fc.property(filter, topic, (filter, topic) => {
        expect(compileFilter(filter)(topic)).toBe(matchesSlowly(filter, topic));
      }),
      { numRuns: 5_000 },
    );
  });

  test('a pattern covers a filter only when no topic of the filter is outside the pattern', () => {
    fc.assert(
      fc.property(filter, filter, topic, (pattern, filter, topic) => {
        if (covers(pattern, filter) && compileFilter(filter)(topic)) expect(compileFilter(pattern)(topic)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
    expect(covers('guaita/#', 'guaita/monitor/+/ping/+')).toBe(true);
    expect(covers('guaita/monitor/+/ping/+', 'guaita/#')).toBe(false);
    expect(covers('guaita/+/x', 'guaita/y/x')).toBe(true);
  });

  test.each(['', 'a/+', 'a#', 'a\0b', '\ud800', 'x'.repeat(65_536)])('%j is no topic', (text) => {
    expect(topicFault(text)).toBeDefined();
  });

  test.each(['', 'a/#/b', 'a+', 'a/b#', 'a\0'])('%j is no filter', (text) => {
    expect(filterFault(text)).toBeDefined();
  });

  test.each(['#', '+', 'a/+/#', '/', 'a//b'])('%s is a filter', (text) => {
    expect(filterFault(text)).toBeUndefined();
  });
});
