const MOMENT = /^(?<date>\d{4}-\d\d-\d\d)(?:[T ](?<time>\d\d:\d\d(?::\d\d)?))?(?<zone>Z|[+-]\d\d:\d\d)?$/;

/**
 * Reads `2026-03-01T12:00:00Z`, `2026-03-01 12:00+02:00` and, by this host's clock, `2026-03-01 12:00` and `2026-03-01`.
 * `Date.parse` alone finds a date in nearly any text, and in February 31 one of March.
 *
 * @returns milliseconds since 1970; `undefined` when it is none of these, or no day has that date or time.
 */
export function readMoment(text: string): number | undefined {
  const { date = '', time = '00:00', zone = '' } = MOMENT.exec(text)?.groups ?? {};
  const asUtc_ms = Date.parse(`${date}T${time}Z`);
  if (Number.isNaN(asUtc_ms) || !new Date(asUtc_ms).toISOString().startsWith(`${date}T${time}`)) return undefined;
  const ms = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}
