/** MsgPack as Serf's codec writes it: texts of up to 31 bytes and maps of up to 15 entries have a head of one byte. */
const SHORT_TEXT_bytes = 31;
const SMALL_MAP = 15;
const HEAD_bytes = 1;
const LONG_HEAD_bytes = 3;
/** Serf begins the tags with a byte that tells them from a lone role. */
const MAGIC_bytes = 1;

const utf8 = new TextEncoder();

/** How many bytes a member's tags have on Serf's wire, where all of them together have 512 (memberlist, `MetaMaxSize`). */
export function tagsSize(tags: Readonly<Record<string, string>>): number {
  const entries = Object.entries(tags);
  const head_bytes = entries.length > SMALL_MAP ? LONG_HEAD_bytes : HEAD_bytes;
  return entries.flat().reduce((sum, text) => sum + textSize(text), MAGIC_bytes + head_bytes);
}

function textSize(text: string): number {
  const { length } = utf8.encode(text);
  return length + (length > SHORT_TEXT_bytes ? LONG_HEAD_bytes : HEAD_bytes);
}
