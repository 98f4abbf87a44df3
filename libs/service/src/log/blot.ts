import { HIDDEN } from '../config/parse.ts';

/**
 * Makes a function that blots secrets out of JSON lines: wherever a string in it (key or value) holds one, and where a
 * number is one. Lines without any are passed on untouched.
 */
export function blotter(secrets: readonly string[]): (line: string) => string {
  // Longest first, so that a secret that contains another goes as a whole.
  const values = [...new Set(secrets)].filter((value) => value !== '').sort((a, b) => b.length - a.length);
  if (values.length === 0) return (line) => line;
  const escaped = values.map((value) => JSON.stringify(value).slice(1, -1));
  const blotText = (text: string): string => values.reduce((clean, value) => clean.replaceAll(value, HIDDEN), text);
  const blot = (value: unknown): unknown => {
    if (typeof value === 'string') return blotText(value);
    if (typeof value === 'number') return values.includes(String(value)) ? HIDDEN : value;
    if (Array.isArray(value)) return value.map(blot);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [blotText(key), blot(item)]));
  };
  return (line) => {
    if (!escaped.some((value) => line.includes(value))) return line;
    const { time, level, ...rest } = JSON.parse(line) as Record<string, unknown>;
    return `${JSON.stringify({ level, time, ...(blot(rest) as object) })}\n`;
  };
}
