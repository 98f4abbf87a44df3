import { nearest } from '@guaita/service';
import type { Notification } from './notification.ts';

/** What a template may name, and what stands there then. */
const PLACEHOLDERS = {
  text: ({ alert }) => alert.text,
  severity: ({ alert }) => alert.severity,
  kind: ({ alert }) => alert.kind,
  subject: ({ alert }) => alert.subject,
  name: ({ alert }) => alert.name,
  part: ({ alert }) => alert.part ?? '',
  tags: ({ alert }) => alert.tags.join(', '),
  since: ({ alert }) => alert.since,
  at: ({ alert }) => alert.at,
  id: ({ alert }) => alert.id,
  event: ({ event }) => event,
  key: ({ key }) => key,
  monitor: ({ monitor }) => monitor,
} as const satisfies Readonly<Record<string, (notification: Notification) => string>>;

const PLACEHOLDER = /\{([a-z_]+)\}/g;

/** Says which placeholder of a template is none, and what to write instead; `undefined` when all are known. */
export function templateFault(template: string): string | undefined {
  for (const [, name = ''] of template.matchAll(PLACEHOLDER)) {
    if (Object.hasOwn(PLACEHOLDERS, name)) continue;
    const known = Object.keys(PLACEHOLDERS);
    const guess = nearest(name, known);
    const mend = guess === undefined ? `use one of {${known.join('}, {')}}` : `did you mean {${guess}}?`;
    return `{${name}} stands for nothing; ${mend}`;
  }
  return undefined;
}

/**
 * A template with its placeholders filled in: each once, so that what an alert says is never read as a placeholder.
 *
 * @param escape makes a value fit for where the template is used.
 */
export function fillIn(
  template: string,
  notification: Notification,
  escape = (value: string): string => value,
): string {
  return template.replace(PLACEHOLDER, (whole, name: string) => {
    if (!Object.hasOwn(PLACEHOLDERS, name)) return whole;
    return escape(PLACEHOLDERS[name as keyof typeof PLACEHOLDERS](notification));
  });
}

/** Makes a value fit for a text of some content type; in a plain text it stands as it is. */
export function escapeFor(contentType: string): ((value: string) => string) | undefined {
  if (isJson(contentType)) return (value) => JSON.stringify(value).slice(1, -1);
  // Half of a character, which anybody may put into a name, cannot be encoded.
  if (/x-www-form-urlencoded/i.test(contentType)) return (value) => encodeURIComponent(value.toWellFormed());
  if (/xml|html/i.test(contentType)) return (value) => value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return undefined;
}

/** Tells whether a content type is JSON: its case does not matter (RFC 9110 §8.3.1). */
export function isJson(contentType: string): boolean {
  return /json/i.test(contentType);
}
