import { normaliseId } from '@guaita/model';
import { onOneLine, serviceType } from './names.ts';

/** What all labels and annotations begin with that mean us. */
export const LABEL_PREFIX = 'guaita.service.';

/** As many bytes as one string of a DNS-SD TXT record holds (RFC 6763 §6.1). */
const TXT_MAX_BYTES = 255;
/** More than fit into any record. */
const TXT_MOST = 16;
/** Printable ASCII but for `=` (RFC 6763 §6.4). */
const TXT_KEY = /^[\x20-\x3c\x3e-\x7e]{1,64}$/;

/** What somebody wants of a service, or of one of its ports. */
export interface Wishes {
  readonly publish?: boolean;
  readonly type?: string;
  readonly name?: string;
  readonly description?: string;
}

/** What the labels of a service ask for. */
export interface LabelWishes {
  readonly all: Wishes;
  /** By the port as the service's definition has it. */
  readonly ports: ReadonlyMap<number, Wishes>;
  readonly txt: Readonly<Record<string, string>>;
  /** What is wrong with them: the label, the cause and the mend. */
  readonly faults: readonly string[];
}

type Read = (text: string) => Wishes | string;

/** How each label is read: a wish, or what is wrong with it and how to mend that. */
const READERS: ReadonlyMap<string, Read> = new Map<string, Read>([
  [
    'publish',
    (text) => {
      if (text === 'true' || text === 'false') return { publish: text === 'true' };
      return 'is neither "true" nor "false"; write one of them';
    },
  ],
  [
    'type',
    (text) => {
      const type = serviceType(text);
      return type === undefined ? 'is no type; give a word such as "http"' : { type };
    },
  ],
  [
    'name',
    (text) => {
      const name = normaliseId(text);
      return name === undefined ? 'is no name; give letters and digits' : { name };
    },
  ],
  ['description', (text) => ({ description: onOneLine(text) })],
]);

/**
 * Reads `guaita.service.publish`, `.type`, `.name`, `.description`, each also of one port (`guaita.service.8080.type`), and
 * `guaita.service.txt.<key>`. All other labels are others'. Where it cannot be told whether something is to be
 * published it is not: somebody meant to say so.
 */
export function wishesOf(labels: Readonly<Record<string, string>>): LabelWishes {
  let all: Wishes = {};
  const ports = new Map<number, Wishes>();
  const txt: Record<string, string> = {};
  const faults: string[] = [];
  // In an order of their own: which of too many facts are told must not depend on who lists them.
  for (const [label, text] of Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (!label.startsWith(LABEL_PREFIX)) continue;
    const fault = (cause: string): void => {
      faults.push(`label ${onOneLine(label)}: ${cause}`);
    };
    const word = label.slice(LABEL_PREFIX.length);
    if (word.startsWith('txt.')) {
      const problem = addFact(txt, word.slice('txt.'.length), text);
      if (problem !== undefined) fault(problem);
      continue;
    }
    const [, port, last = word] = /^(\d{1,5})\.(.*)$/s.exec(word) ?? [];
    const read = READERS.get(last);
    if (read === undefined) {
      fault(`is unknown; there are ${[...READERS.keys()].join(', ')} and txt.KEY`);
      continue;
    }
    let wish = read(text);
    if (typeof wish === 'string') {
      fault(`${JSON.stringify(onOneLine(text))} ${wish}`);
      wish = last === 'publish' ? { publish: false } : {};
    }
    if (port === undefined) all = { ...all, ...wish };
    else ports.set(Number(port), { ...ports.get(Number(port)), ...wish });
  }
  return { all, ports, txt, faults };
}

/** @returns what is wrong with it. */
function addFact(txt: Record<string, string>, key: string, text: string): string | undefined {
  const value = onOneLine(text);
  if (!TXT_KEY.test(key) || key === '__proto__') return 'is no key of a TXT record; use printable ASCII without "="';
  if (Buffer.byteLength(`${key}=${value}`) > TXT_MAX_BYTES) return `is longer than ${TXT_MAX_BYTES} bytes; shorten it`;
  if (Object.keys(txt).length === TXT_MOST)
    return `is one more than the ${TXT_MOST} facts that are told; take some out`;
  txt[key] = value;
  return undefined;
}
