import type { Patience } from '../alerts/options.ts';
import type { AlertConfig, OwnRules } from '../config.ts';
import { over } from '../named.ts';

/** Until monitors that were started together have probed everything and agree. */
const MARGIN_ms = 300_000;

/**
 * Longer than any rule takes to open an alert, of whatever tags a device bears: a broker that was empty has seen by then
 * what is open.
 */
export function unseenFor_ms(config: AlertConfig): number {
  const tags: readonly OwnRules[] = [{}, ...Object.values(config.by_tag)];
  const holds = tags.map(({ hold }) => over(config.hold, hold));
  const measured = tags.map(({ measurements }) => over(config.measurements, measurements));
  const longest = (values: readonly number[]): number => Math.max(...values);
  const patience = (name: keyof Patience): number => longest(tags.map(({ [name]: own }) => own ?? config[name]));
  const measuring_s = (['loss', 'latency', 'interface_down', 'utilisation', 'errors'] as const).map((kind) => {
    const rules = measured.map((rule): { begin_after_s: number; over_s?: number } => rule[kind]);
    // One tag may say how long it must last, another over what time it is averaged.
    return longest(rules.map(({ begin_after_s }) => begin_after_s)) + longest(rules.map(({ over_s = 0 }) => over_s));
  });
  return (
    MARGIN_ms +
    1000 *
      longest([
        longest(holds.map(({ down_s }) => down_s)),
        longest(holds.map(({ disputed_s }) => disputed_s)) + patience('disputed_after_s'),
        ...[patience('under_watched_after_s'), patience('monitor_lost_after_s'), ...measuring_s],
      ])
  );
}
