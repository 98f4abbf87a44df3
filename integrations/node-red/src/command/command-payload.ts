import { isObject, textsIn } from '../read-object.ts';
import { shown } from '../shown.ts';
import { wordsOf } from '../words.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a command node can be told to do: the commands' topics below `command/`. */
export const VERBS = [
  ...(['silence/add', 'silence/remove', 'ack', 'probe', 'devices/add', 'devices/remove'] as const),
  ...(['services/add', 'services/remove'] as const),
] as const;
export type Verb = (typeof VERBS)[number];

/** What is filled in where a message does not say it. */
export interface Defaults {
  readonly by: string;
  readonly why: string;
  /** How long a silence is to last. */
  readonly minutes: number;
}

/** A message of which no command can be made; the text says what it should hold. */
export class PayloadFault extends Error {
  override readonly name = 'PayloadFault';
}

/**
 * Makes a command of what a flow sends. Objects go as they are, with what they leave out filled in; where an id, a list of
 * ids, or an alert says enough, that is enough. Whether the command makes sense is judged by the monitor that takes it.
 *
 * @throws {PayloadFault} when it says too little.
 */
export function commandPayload(verb: Verb, payload: unknown, { by, why, minutes }: Defaults): Fields {
  switch (verb) {
    case 'silence/add': {
      const given = isAlert(payload)
        ? aboutSubject(payload)
        : isObject(payload)
          ? payload
          : { devices: ids(verb, payload) };
      const end = 'until' in given || 'for_s' in given ? {} : { for_s: minutes * 60 };
      return { by, why, ...end, ...given };
    }
    case 'silence/remove':
      return isObject(payload) ? payload : { silences: ids(verb, payload) };
    case 'ack':
      if (isAlert(payload)) return { by, why, alert: payload['id'] };
      return isObject(payload) ? { by, why, ...payload } : { by, why, alert: ids(verb, payload)[0] };
    case 'probe':
    case 'devices/remove':
      return isObject(payload) ? payload : { devices: ids(verb, payload) };
    case 'devices/add':
      if (isObject(payload)) return 'devices' in payload ? payload : { devices: [payload] };
      if (Array.isArray(payload)) return { devices: payload };
      throw unfit(verb, payload);
    case 'services/add':
    case 'services/remove':
      if (isObject(payload)) return payload;
      throw unfit(verb, payload);
  }
}

const WANTED: Readonly<Record<Verb, string>> = {
  'silence/add': 'ids of devices, an alert, or { devices, tags, kinds, …, until }',
  'silence/remove': 'names of silences',
  ack: 'the id of an alert, or the alert',
  probe: 'ids of devices',
  'devices/add': 'a device, { device, addresses, … }, or a list of them',
  'devices/remove': 'ids of devices',
  'services/add': 'a service, { type, name, port, … }',
  'services/remove': 'a service, { type, name }',
};

function ids(verb: Verb, payload: unknown): string[] {
  const list = typeof payload === 'string' ? wordsOf(payload) : textsIn(payload);
  if (list.length > 0) return list;
  throw unfit(verb, payload);
}

function unfit(verb: Verb, payload: unknown): PayloadFault {
  return new PayloadFault(`${verb}: msg.payload is ${shown(payload)}: give ${WANTED[verb]}`);
}

/** Whether it is an alert, as *guaita alert* sends them. */
function isAlert(payload: unknown): payload is Fields {
  return isObject(payload) && ['id', 'kind', 'subject'].every((name) => typeof payload[name] === 'string');
}

function aboutSubject({ kind, subject }: Fields): Fields {
  // Only the site itself: what is on its devices is another matter.
  if (kind === 'site-lost') return { sites: [subject], kinds: [kind] };
  return String(kind).startsWith('monitor') ? { monitors: [subject] } : { devices: [subject] };
}
