import type { Complaints } from './complaints.ts';

/** 100,000 devices are 10 to 40 MB; a file above this is not an inventory, and would take all memory. */
export const MAX_FILE_bytes = 100 * 1024 * 1024;

/** Makes text of a file's bytes; `undefined`, and complained of, when they are none. A byte order mark is passed over. */
export function decodeFile(bytes: Uint8Array, complaints: Complaints): string | undefined {
  const refuse = (message: string, line = 0): undefined => {
    complaints.error([], message, line);
    return undefined;
  };
  if (bytes.length > MAX_FILE_bytes) return refuse(tooLarge(bytes.length));
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return refuse('is UTF-16 text; save it as UTF-8');
  }
  const zero = bytes.indexOf(0);
  if (zero !== -1) return refuse('holds binary data; give a text file', lineOf(bytes, zero));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('is not UTF-8 text; save it as UTF-8', lineOf(bytes, firstInvalid(bytes)));
  }
}

/** What is said of a file that is too large to be read. */
export function tooLarge(size_bytes: number): string {
  return `is ${Math.round(size_bytes / 1024 / 1024)} MB large; at most ${MAX_FILE_bytes / 1024 / 1024} MB are read: split it`;
}

/** The first byte that is not UTF-8: the longest sound beginning, by halving. */
function firstInvalid(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    try {
      // A stream may end within a character.
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      low = middle;
    } catch {
      high = middle;
    }
  }
  return low;
}

function lineOf(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf(10); at !== -1 && at < offset; at = bytes.indexOf(10, at + 1)) line += 1;
  return line;
}
