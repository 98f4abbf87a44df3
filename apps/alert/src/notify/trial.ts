import type { Alert, Id } from '@guaita/model';
import { HIDDEN } from '@guaita/service';
import type { ReceiverConfig } from './config.ts';
import type { Outcome } from './effect.ts';
import { decoded, ntfyPlace } from './requests.ts';
import { tell } from './tell.ts';

/** A part of an address that is shorter is a word of the service rather than a secret: `notify`, `hooks`. */
const SECRET_characters = 8;
/** The beginning of a secret tells nobody anything as long as it is shorter. */
const SHOWN_characters = 4;

/** What came of a test notification. */
export interface Trial {
  readonly outcome: Outcome;
  readonly status?: number;
  /** The beginning of what came back, without anything secret. */
  readonly answer: string;
}

/**
 * Sends one notification that says that it is a test.
 *
 * @param now_ms wall-clock time; it makes the key of each test another one.
 */
export async function tryReceiver(
  way: ReceiverConfig,
  monitor: Id,
  now_ms: number,
  signal: AbortSignal,
): Promise<Trial> {
  const at = new Date(now_ms).toISOString();
  const alert: Alert = {
    ...{ id: now_ms.toString(16).padStart(16, '0'), kind: 'down', severity: 'info', subject: monitor, name: monitor },
    ...{ tags: [], episode: 0, since: at, at, seen_by: [], resolves: false },
    text: `This is a test of Guaita at ${monitor}: nothing has happened`,
  };
  const notification = { key: `${alert.id}-test`, event: 'begin', alert, monitor } as const;
  const { answer, ...result } = await tell(way, notification, signal);
  return { ...result, answer: secretsOf(way).reduce(hide, answer) };
}

/** Takes a secret out of an answer, also where the answer was cut in the middle of it. */
function hide(answer: string, secret: string): string {
  const text = answer.replaceAll(secret, HIDDEN);
  for (let length = secret.length - 1; length >= SHOWN_characters; length -= 1)
    if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + HIDDEN;
  return text;
}

/**
 * Services like to repeat what they were given, as it was given or as it is meant. The longest first, so that what holds
 * another goes as a whole.
 */
function secretsOf(way: ReceiverConfig): string[] {
  if (way.type === 'serf') return way.key === undefined ? [] : [way.key];
  const { type, url, headers } = way;
  const { pathname, search, searchParams } = new URL(url);
  const levels = pathname.split('/');
  const given = [...levels, ...search.split(/[?&=]/)];
  const parts = [...given, ...given.map(decoded), ...searchParams.values()].filter(
    (part) =>
      part.length >= SECRET_characters || (type === 'ntfy' && [part, decoded(part)].includes(ntfyPlace(url).topic)),
  );
  const words = Object.values(headers).flatMap((value) => [value, ...value.split(' ')]);
  return [url, ...parts, ...words.filter((word) => word.length >= SECRET_characters)]
    .filter((secret) => secret !== '')
    .sort((one, other) => other.length - one.length);
}
