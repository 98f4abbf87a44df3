const UNIT_ms: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

const DURATION = /^(?:\d+(?:\.\d+)?[smhdw])+$/;
const PART = /(\d+(?:\.\d+)?)([smhdw])/g;

/** How durations are written, for messages: what does not fit is to be mended so. */
export const DURATION_HINT = 'give one like 90s, 30m, 2h, 1h30m, 3d or 1w';

/** Reads `90s`, `30m`, `2h`, `1h30m`, `3d`, `1w`. @returns milliseconds; `undefined` when it is no duration above 0. */
export function readDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let total_ms = 0;
  for (const [, count = '', unit = ''] of text.matchAll(PART)) total_ms += Number(count) * (UNIT_ms[unit] ?? 0);
  return total_ms > 0 && Number.isFinite(total_ms) ? total_ms : undefined;
}
