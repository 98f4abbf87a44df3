const MINUTE_s = 60;
const HOUR_s = 3600;
const DAY_s = 86_400;

/** How long something lasts, in its two largest units: `45 s`, `3 min 20 s`, `2 d 4 h`. */
export function duration(length_ms: number): string {
  const seconds = Math.max(0, Math.round(length_ms / 1000));
  const parts: [number, string, number, string][] = [
    [DAY_s, 'd', HOUR_s, 'h'],
    [HOUR_s, 'h', MINUTE_s, 'min'],
    [MINUTE_s, 'min', 1, 's'],
  ];
  for (const [large, largeName, small, smallName] of parts) {
    if (seconds < large) continue;
    const whole = Math.floor(seconds / large);
    const rest = Math.floor((seconds % large) / small);
    // Beyond ten days, hours tell nobody anything.
    return rest === 0 || (large === DAY_s && whole >= 10)
      ? `${whole} ${largeName}`
      : `${whole} ${largeName} ${rest} ${smallName}`;
  }
  return `${seconds} s`;
}

/** How long ago, for a list: `now`, `45 s`, `3 min`, `5 h`, `12 d`. */
export function age(at_ms: number, now_ms: number): string {
  const seconds = Math.max(0, Math.round((now_ms - at_ms) / 1000));
  if (seconds < 2) return 'now';
  if (seconds < MINUTE_s) return `${seconds} s`;
  if (seconds < HOUR_s) return `${Math.floor(seconds / MINUTE_s)} min`;
  if (seconds < 2 * DAY_s) return `${Math.floor(seconds / HOUR_s)} h`;
  return `${Math.floor(seconds / DAY_s)} d`;
}

// In the viewer's zone and language; the browser knows both.
const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayAndTime = new Intl.DateTimeFormat(undefined, {
  ...{ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
});
const exactly = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

/** A moment as briefly as it can be said: today's without a date. */
export function clock(at_ms: number, now_ms: number): string {
  const isToday = new Date(at_ms).toDateString() === new Date(now_ms).toDateString();
  return (isToday ? timeOfDay : dayAndTime).format(at_ms);
}

/** A moment in full, with its zone. */
export function exact(at_ms: number): string {
  return exactly.format(at_ms);
}
