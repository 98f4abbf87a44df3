import { BEAT_ms, DATABASE_DELAY_ms } from '../network/database-link.ts';
import type { Links } from '../scenario/scenario.ts';
import type { Host } from '../world/host.ts';

/** Clocks run wrong by at most this share. */
export const DRIFT = 0.02;

/** The beat, and the patience with which it is listened to. */
export const TICK_ms = 1000;
export const MQTT_PATIENCE_ms = 3000;
export const DATABASE_PATIENCE_ms = 150_000;

/** A monitor that nothing reaches begins to watch so long after its patience; so does one that is told old things for ever. */
const LONGEST_BEGINNING_ms = 30_000;

/** A slower source is believed so long after a faster one fell silent. */
const DOUBT_ms = 10_000;

/**
 * How long a connected part must be quiet until guarantee 1 is to hold: patience + 2 link delays + 2 ticks, by the
 * slowest clock. Over the database alone a monitor that comes (back) is alive with its next beat, not before, so the
 * beat counts too, and the doubt.
 *
 * @param delay_ms the longest that a message takes over MQTT
 */
export function quiet_ms(over: Exclude<Links, 'both'>, delay_ms: number): number {
  const true_ms =
    over === 'mqtt'
      ? MQTT_PATIENCE_ms + 2 * delay_ms + 2 * TICK_ms
      : DATABASE_PATIENCE_ms + BEAT_ms + DOUBT_ms + 2 * DATABASE_DELAY_ms + 2 * TICK_ms;
  return true_ms * (1 + DRIFT);
}

/** One more round of handing over: a claim is heard, and that it is seen is heard. */
export function round_ms(over: Exclude<Links, 'both'>, delay_ms: number): number {
  return (2 * (over === 'mqtt' ? delay_ms : DATABASE_DELAY_ms) + TICK_ms) * (1 + DRIFT);
}

/** How long a crash may leave a device without a watcher: patience + 1 link delay + 1 tick, by the slowest clock. */
export function takeover_ms(over: Exclude<Links, 'both'>, delay_ms: number): number {
  const true_ms =
    over === 'mqtt' ? MQTT_PATIENCE_ms + delay_ms + TICK_ms : DATABASE_PATIENCE_ms + DATABASE_DELAY_ms + TICK_ms;
  return true_ms * (1 + DRIFT);
}

/** A host that has just begun need not take anything: what is stored may still come in, or a beat after that. */
export function isBeginning({ started_ms, filled_ms }: Host, links: Links, now_ms: number): boolean {
  const patience_ms = links === 'database' ? DATABASE_PATIENCE_ms : MQTT_PATIENCE_ms;
  const last_ms = started_ms + LONGEST_BEGINNING_ms;
  return now_ms <= Math.min(filled_ms ?? last_ms, last_ms) + patience_ms * (1 + DRIFT);
}
