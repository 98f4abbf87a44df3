import { Bzip2Error, compress, decompress } from './bzip2.ts';
import { TagError } from './tag-error.ts';

/** No tag can be longer: all of a member's tags together have 512 bytes (memberlist, `MetaMaxSize`). */
export const TAG_LONGEST = 512;
/** Some two hundred records as long as they come; 512 bytes of a tag's text hold twenty of them. */
const UNPACKED_MOST_bytes = 32 * 1024;
const RECORDS_MOST = 256;
/** A record is one level below its list; a little more does no harm, and so much that a stack overflows is refused. */
const DEPTH_MOST = 8;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A record as it stands in a tag, whoever made it. */
export type RawRecord = Readonly<Record<string, unknown>>;

/** The text of a tag: base64 of bzip2 of the records as a JSON array, closed by a line end as Cloudy's nodes have it. */
export function pack(records: readonly RawRecord[]): string {
  return Buffer.from(compress(Buffer.from(`${JSON.stringify(records)}\n`))).toString('base64');
}

/**
 * The records in the text of a tag, whatever they hold. It may come from anybody, so each step is bounded before it is
 * taken: at most 512 characters, which unpack to 32 KiB at most, with 256 records at most.
 *
 * @throws {TagError} when it is no such text; it says which step failed.
 */
export function unpack(text: string): RawRecord[] {
  if (text.length > TAG_LONGEST)
    throw new TagError('length', `${text.length} characters, where ${TAG_LONGEST} are the most that Serf lets through`);
  // Whoever packed it by hand may have left the lines that base64 makes by itself.
  const base64 = text.replace(/[\r\n]/g, '');
  if (!BASE64.test(base64)) throw new TagError('base64', 'is not base64');
  const json = readUtf8(unzip(Buffer.from(base64, 'base64')));
  if (isDeeperThan(json, DEPTH_MOST)) throw new TagError('json', `is nested more than ${DEPTH_MOST} levels deep`);
  const list = readJson(json);
  if (!Array.isArray(list)) throw new TagError('json', 'is JSON, but no array of records');
  if (list.length > RECORDS_MOST)
    throw new TagError('json', `has ${list.length} records, where ${RECORDS_MOST} are the most that are read`);
  return list.map((each: unknown, index) => {
    if (typeof each === 'object' && each !== null && !Array.isArray(each)) return each as RawRecord;
    throw new TagError('record', `record ${index + 1} is no object`);
  });
}

function unzip(bytes: Uint8Array): Uint8Array {
  try {
    return decompress(bytes, UNPACKED_MOST_bytes);
  } catch (cause) {
    if (!(cause instanceof Bzip2Error)) throw cause;
    throw new TagError('bzip2', `is no bzip2 that can be read here: ${cause.message}`, { cause });
  }
}

function readUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new TagError('utf-8', 'unpacks to something that is not UTF-8', { cause });
  }
}

function readJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new TagError('json', 'unpacks to something that is not JSON', { cause });
  }
}

/** Looks at brackets outside texts, whether or not it is JSON otherwise, in one pass. */
function isDeeperThan(json: string, most: number): boolean {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < json.length && depth <= most; index++) {
    const character = json[index];
    if (isText && character === '\\') index += 1;
    else if (character === '"') isText = !isText;
    else if (!isText && (character === '[' || character === '{')) depth += 1;
    else if (!isText && (character === ']' || character === '}')) depth -= 1;
  }
  return depth > most;
}
