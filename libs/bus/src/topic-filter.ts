/** The longest topic or filter, in UTF-8 bytes (MQTT 5 §1.5.4). */
const TOPIC_MAX_bytes = 65_535;

/** Why text is no topic that can be published to (MQTT 5 §4.7); `undefined` when it is one. */
export function topicFault(topic: string): string | undefined {
  return isWildcard(topic) ? 'it has a wildcard' : textFault(topic);
}

/** Whether text is a filter of more than one topic. */
export function isWildcard(filter: string): boolean {
  return /[+#]/.test(filter);
}

/** Why text is no filter that can be subscribed to (MQTT 5 §4.7); `undefined` when it is one. */
export function filterFault(filter: string): string | undefined {
  const levels = filter.split('/');
  for (const [index, level] of levels.entries()) {
    if (level.includes('#') && !(level === '#' && index === levels.length - 1)) return '"#" may only be its last level';
    if (level.includes('+') && level !== '+') return '"+" may only be a whole level';
  }
  return textFault(filter);
}

function textFault(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text.includes('\0')) return 'it has a NUL character';
  if (!text.isWellFormed()) return 'it is not Unicode';
  if (Buffer.byteLength(text) > TOPIC_MAX_bytes) return `it is longer than ${TOPIC_MAX_bytes} bytes`;
  return undefined;
}

/** A test whether topics match a filter. As MQTT 5 §4.7.2 says, a leading wildcard does not match a leading `$`. */
export function compileFilter(filter: string): (topic: string) => boolean {
  if (!isWildcard(filter)) return (topic) => topic === filter;
  const wanted = filter.split('/');
  const open = wanted.at(-1) === '#';
  if (open) wanted.pop();
  const leadingWildcard = /^[+#]/.test(filter);
  return (topic) => {
    if (leadingWildcard && topic.startsWith('$')) return false;
    const levels = topic.split('/');
    if (open ? levels.length < wanted.length : levels.length !== wanted.length) return false;
    return wanted.every((level, index) => level === '+' || level === levels[index]);
  };
}

/** Tells whether every topic that matches `filter` matches `pattern` too. */
export function covers(pattern: string, filter: string): boolean {
  const wide = pattern.split('/');
  const narrow = filter.split('/');
  if (/^[+#]/.test(pattern) && filter.startsWith('$')) return false;
  for (const [index, level] of wide.entries()) {
    if (level === '#') return true;
    const other = narrow[index];
    if (other === undefined || other === '#') return false;
    if (level !== '+' && level !== other) return false;
  }
  return wide.length === narrow.length;
}
