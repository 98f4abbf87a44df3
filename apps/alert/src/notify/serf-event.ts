import { SERF_ALERT_EVENT, type SerfAlert } from '@guaita/messages';
import {
  EVENT_LIMIT_bytes,
  eventRoom_bytes,
  RequestRefusedError,
  RequestTimeoutError,
  SerfClient,
  TooLargeError,
} from '@guaita/serf';
import type { SerfReceiver } from './config.ts';
import type { Outcome } from './effect.ts';
import type { Notification } from './notification.ts';
import { ANSWER_ms, TOO_SLOW, type Posted } from './post.ts';
import { DEFAULT_TEXT } from './requests.ts';
import { fillIn } from './template.ts';

/** Where something of a text is missing. */
const CUT = '…';

/**
 * Has the agent send a user event once, over a connection of its own: there are few of them, and none is kept waiting by an
 * agent that has frozen with another.
 *
 * @param signal gives it up.
 * @returns whether the agent has taken it, which members tell one another from then on; it never throws.
 */
export async function sendEvent(
  { agent: address, key, template }: Pick<SerfReceiver, 'agent' | 'key' | 'template'>,
  notification: Notification,
  signal: AbortSignal,
): Promise<Posted> {
  const unreachable = new AbortController();
  const client = new SerfClient({
    ...{ address, connectTimeout_ms: ANSWER_ms, onConnectFailed: (error) => unreachable.abort(error) },
    ...(key === undefined ? {} : { authKey: key }),
  });
  const text = fillIn(template ?? DEFAULT_TEXT, notification);
  const options = { timeout_ms: ANSWER_ms, signal: AbortSignal.any([signal, unreachable.signal]) };
  const send = (limit_bytes: number): Promise<void> =>
    client.event(
      SERF_ALERT_EVENT,
      payloadOf(notification, text, eventRoom_bytes(SERF_ALERT_EVENT, limit_bytes)),
      options,
    );
  client.start();
  try {
    await send(EVENT_LIMIT_bytes).catch((error: unknown) => {
      // An agent may be told to take less.
      if (error instanceof TooLargeError && error.limit_bytes < EVENT_LIMIT_bytes) return send(error.limit_bytes);
      throw error;
    });
    return { outcome: { is: 'arrived' }, answer: '' };
  } catch (error) {
    return { outcome: signal.aborted ? { is: 'failed', why: 'it was given up' } : outcomeOf(error), answer: '' };
  } finally {
    await client.stop();
  }
}

/** What a refusal is, is one the next time, too; nothing of the key is in what libs/serf says. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof RequestTimeoutError) return { is: 'failed', why: TOO_SLOW };
  const why = `Serf: ${error instanceof Error ? error.message : String(error)}`;
  return { is: error instanceof RequestRefusedError ? 'refused' : 'failed', why };
}

/**
 * The payload of an event in JSON, its text cut so that it has its room, characters left whole.
 *
 * @returns more than there is room for where that is too little for all but the text.
 */
export function payloadOf({ key, alert }: Notification, text: string, room_bytes: number): Uint8Array {
  const { id, severity, kind, subject, resolves, at } = alert;
  const withText = (shown: string): Uint8Array =>
    Buffer.from(JSON.stringify({ id, severity, kind, subject, resolves, at, key, text: shown } satisfies SerfAlert));
  const sound = text.toWellFormed();
  const whole = withText(sound);
  if (whole.length <= room_bytes) return whole;
  let left_bytes = room_bytes - withText(CUT).length;
  let beginning = '';
  for (const character of sound) {
    left_bytes -= Buffer.byteLength(JSON.stringify(character)) - '""'.length;
    if (left_bytes < 0) break;
    beginning += character;
  }
  return withText(`${beginning}${CUT}`);
}
