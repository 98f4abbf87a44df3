import type { Severity } from '@guaita/model';
import type { WebReceiver } from './config.ts';
import type { Notification } from './notification.ts';
import type { PostRequest } from './post.ts';
import { escapeFor, fillIn } from './template.ts';

/** What a receiver is told where no template says otherwise. */
export const DEFAULT_TEXT = '{text}';

/** ntfy takes what is longer for a file (`docs/publish.md`, "Limitations": 4,096 bytes). */
const NTFY_MESSAGE_bytes = 4_000;
/** ntfy’s priorities: 5 is the highest, 3 the usual one. */
const NTFY_PRIORITY = { critical: 5, warning: 4, info: 3 } as const satisfies Record<Severity, number>;
/** ntfy shows tags that are short codes of emojis as these. */
const NTFY_TAG = {
  critical: 'rotating_light',
  warning: 'warning',
  info: 'information_source',
} as const satisfies Record<Severity, string>;

/** Apprise’s types of messages. */
const APPRISE_TYPE = { critical: 'failure', warning: 'warning', info: 'info' } as const satisfies Record<
  Severity,
  string
>;

type Way = Pick<WebReceiver, 'type' | 'url' | 'headers' | 'title' | 'template' | 'content_type'>;

/** What is posted to tell a receiver something. */
export function requestFor(way: Way, notification: Notification): PostRequest {
  const { url } = way;
  // A header that is given takes the place of ours, however it is written.
  const headers = Object.fromEntries(Object.entries(way.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const key = { 'idempotency-key': notification.key };
  switch (way.type) {
    case 'webhook':
      return {
        url,
        headers: { ...key, 'content-type': way.content_type, ...headers },
        body: webhookBody(way, notification),
      };
    case 'ntfy': {
      const { server, topic } = ntfyPlace(url);
      const body = JSON.stringify({ topic, ...ntfyMessage(way, notification) });
      return { url: server, headers: { ...key, 'content-type': 'application/json', ...headers }, body };
    }
    case 'apprise':
      return {
        url,
        headers: { ...key, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(appriseMessage(way, notification)),
        meanings: {
          204: { is: 'refused', why: 'it answered 204: it has no configuration under that key' },
          // Apprise's own word for "the service behind me failed".
          424: { is: 'failed', why: 'it answered 424: at least one of its services failed, or none has the tag' },
        },
      };
  }
}

/** Tells whether a template makes a JSON text of any alert. */
export function makesJson(template: string): boolean {
  try {
    JSON.parse(template.replace(/\{[a-z_]+\}/g, 'x'));
    return true;
  } catch {
    return false;
  }
}

/** A topic at ntfy by its URL: what is before the topic's name takes messages as JSON. */
export function ntfyPlace(text: string): { readonly server: string; readonly topic: string } {
  const url = new URL(text);
  const levels = url.pathname.split('/').filter((level) => level !== '');
  const topic = decoded(levels.pop() ?? '');
  url.pathname = `/${levels.join('/')}`;
  return { server: url.href, topic };
}

/** A level of an address as it is meant; as it stands where it means nothing. */
export function decoded(level: string): string {
  try {
    return decodeURIComponent(level);
  } catch {
    return level;
  }
}

function webhookBody({ template, content_type }: Way, notification: Notification): string {
  if (template !== undefined) {
    return fillIn(template, notification, escapeFor(content_type));
  }
  const { key, event, monitor, alert } = notification;
  return JSON.stringify({ key, event, monitor, ...alert });
}

function ntfyMessage(way: Way, notification: Notification) {
  const { event, key, alert } = notification;
  const isEnd = event === 'end';
  return {
    title: titleOf(way, notification),
    message: cut(fillIn(way.template ?? DEFAULT_TEXT, notification), NTFY_MESSAGE_bytes),
    priority: isEnd ? NTFY_PRIORITY.info : NTFY_PRIORITY[alert.severity],
    tags: [isEnd ? 'white_check_mark' : NTFY_TAG[alert.severity]],
    // A repeat takes the place of what it repeats (ntfy 2.16 and later; others pass over the field).
    sequence_id: key,
  };
}

function appriseMessage(way: Way, notification: Notification) {
  const { event, alert } = notification;
  return {
    title: titleOf(way, notification),
    body: fillIn(way.template ?? DEFAULT_TEXT, notification),
    type: event === 'end' ? 'success' : APPRISE_TYPE[alert.severity],
    format: 'text',
  };
}

function titleOf({ title }: Way, notification: Notification): string {
  const { event, alert } = notification;
  if (title !== undefined) return fillIn(title, notification);
  const what = { begin: alert.severity, reminder: `still ${alert.severity}`, end: 'over' }[event];
  return `${what}: ${alert.name}`;
}

/** The beginning of a text, of so many bytes at most, characters left whole. */
function cut(text: string, most_bytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most_bytes) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, most_bytes)).replace(/\uFFFD+$/, '')}…`;
}
