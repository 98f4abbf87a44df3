/** What is shown where nothing is known. */
export const NOTHING = '–';

/** A narrow space that does not break: a figure stays with its unit. */
const THIN = '\u202f';

/** Three digits that count, and no more decimals than anybody reads. */
function digits(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.995) return trimmed(value.toFixed(2));
  if (size < 99.5) return trimmed(value.toFixed(1));
  return String(Math.round(value));
}

function trimmed(number: string): string {
  return number.includes('.') ? number.replace(/\.?0+$/, '') : number;
}

/** A time that something took: `0.34 ms`, `12.3 ms`, `1.2 s`. */
export function milliseconds(value: number | null | undefined): string {
  if (value === undefined || value === null || Number.isNaN(value)) return NOTHING;
  return value < 999.5 ? `${digits(value)}${THIN}ms` : `${digits(value / 1000)}${THIN}s`;
}

export function percent(value: number | null | undefined): string {
  if (value === undefined || value === null || Number.isNaN(value)) return NOTHING;
  if (value > 0 && value < 0.01) return `<${THIN}0.01${THIN}%`;
  // Almost all is not all: 99.97 % is read as an outage, 100 % as none.
  if (value > 99 && value < 100) return `${Math.floor(value * 100) / 100}${THIN}%`;
  return `${digits(value)}${THIN}%`;
}

const BITS = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'] as const;
const BYTES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

export function bitsPerSecond(value: number | null | undefined): string {
  return scaled(value, BITS);
}

export function bytes(value: number | null | undefined): string {
  return scaled(value, BYTES);
}

function scaled(value: number | null | undefined, units: readonly string[]): string {
  if (value === undefined || value === null || Number.isNaN(value)) return NOTHING;
  let step = 0;
  let size = value;
  while (Math.abs(size) >= 999.5 && step < units.length - 1) {
    size /= 1000;
    step += 1;
  }
  return `${digits(size)}${THIN}${units[step]}`;
}

/** Something that happens so often: `0.02/s`. */
export function perSecond(value: number | null | undefined): string {
  if (value === undefined || value === null || Number.isNaN(value)) return NOTHING;
  return value > 0 && value < 0.01 ? `<${THIN}0.01/s` : `${digits(value)}/s`;
}

/** A whole number with its thousands apart. */
export function count(value: number | null | undefined): string {
  return value === undefined || value === null ? NOTHING : value.toLocaleString('en').replaceAll(',', THIN);
}

/** `1 device`, `2 devices`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
