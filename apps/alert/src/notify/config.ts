import { AlertKind, Id, Severity } from '@guaita/model';
import { isAddress } from '@guaita/serf';
import { secret } from '@guaita/service';
import { z } from 'zod';
import { makesJson, ntfyPlace } from './requests.ts';
import type { Receiver } from './receiver.ts';
import { isJson, templateFault } from './template.ts';
import { isTimeZone, readTimeWindow, Times } from './times.ts';

const WEEK_s = 7 * 86_400;

/** Where something is posted to. It may be all that keeps strangers out, so it is never shown. */
const HttpUrl = z.string().superRefine((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    context.addIssue({ code: 'custom', message: 'is no web address; give one like "https://ntfy.sh/my-topic"' });
  } else if (url.username !== '' || url.password !== '') {
    const message = 'holds a user or password; give them as a header instead: headers: { authorization: "Basic …" }';
    context.addIssue({ code: 'custom', message });
  }
});

/** Those that the connection itself sets. */
const CONNECTION_HEADERS = [
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
];
/** A field name of HTTP (RFC 9110 §5.6.2). */
const HeaderName = z
  .string()
  .regex(/^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/, 'give the name of a header, such as "authorization"')
  .refine((name) => !CONNECTION_HEADERS.includes(name.toLowerCase()), 'leave it out: the connection sets it itself');
const HeaderValue = z
  .string()
  .regex(/^[\t\x20-\x7e\x80-\xff]+$/, 'holds what cannot stand in a header; give one line of plain text');

const Template = z
  .string()
  .min(1)
  .max(20_000)
  .superRefine((text, context) => {
    const fault = templateFault(text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

const TimeText = z
  .string()
  .refine(
    (text) => readTimeWindow(text) !== undefined,
    'is no time; give one like "mon-fri 08:00-18:00" or "22:00-06:00"',
  );

/** Of what a receiver is told, and when. */
const choice = {
  severities: z.array(Severity).min(1).optional().describe('only of these; of all when left out'),
  kinds: z.array(AlertKind).min(1).optional().describe('only of these; of all when left out'),
  tags: z.array(Id).min(1).optional().describe('only of devices and monitors with one of these; of all when left out'),
  times: z.array(TimeText).default([]).describe('only then, the rest when such a time comes; always when left out'),
  zone: z
    .string()
    .refine(isTimeZone, 'is no time zone; give one like "Europe/Madrid"')
    .optional()
    .describe('of the times; this host’s own when left out'),
  after_s: z
    .number()
    .min(0)
    .max(WEEK_s)
    .default(0)
    .describe('only what has been open for so long and nobody has acknowledged'),
  remind_s: z
    .number()
    .min(60)
    .max(WEEK_s)
    .optional()
    .describe('tells again as often that it is open; never when left out'),
  resolves: z.boolean().default(true).describe('whether ends are told'),
  per_minute: z.number().min(12).max(6000).default(60).describe('how many notifications a minute, at most'),
};

const WebShape = z.strictObject({
  type: z
    .literal(['webhook', 'ntfy', 'apprise'])
    .describe('what is there: anything that takes a POST, ntfy, Apprise API'),
  url: secret(HttpUrl).describe('of an ntfy topic, or of Apprise: …/notify/KEY; secret'),
  headers: z.record(HeaderName, secret(HeaderValue)).default({}).describe('sent along; their values are secret'),
  title: Template.optional().describe('ntfy and Apprise: the title'),
  template: Template.optional().describe('the message; of a webhook the whole body'),
  content_type: HeaderValue.default('application/json').describe('of a webhook’s template'),
  ...choice,
});

/** Somebody on the web. */
export const WebReceiver = WebShape.superRefine(({ type, url, title, template, content_type }, context) => {
  const complain = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
  // What is said of a secret's own place might quote it: say it of the receiver.
  if (type === 'ntfy' && URL.canParse(url) && ntfyPlace(url).topic === '') {
    complain('type', 'ntfy needs a topic at the end of its url; give one like "https://ntfy.sh/my-topic"');
  }
  if (type !== 'webhook') return;
  if (title !== undefined) complain('title', 'belongs to ntfy and Apprise; put it into the template');
  if (template !== undefined && isJson(content_type) && !makesJson(template)) {
    complain('template', 'makes no JSON; put placeholders between quotes, or give another content_type');
  }
});
export type WebReceiver = z.output<typeof WebReceiver>;

/** All members of a Serf cluster. */
export const SerfReceiver = z.strictObject({
  type: z.literal('serf').describe('all members of a Serf cluster, by a user event'),
  agent: z
    .string()
    .refine(isAddress, 'is not the address of an agent; give one like "127.0.0.1:7373"')
    .default('127.0.0.1:7373')
    .describe('the RPC of the Serf agent of this host'),
  key: secret().optional().describe('what the agent wants to hear first (its rpc_auth)'),
  template: Template.optional().describe('the text, of which so much is sent as there is room for'),
  ...choice,
});
export type SerfReceiver = z.output<typeof SerfReceiver>;

/** Somebody outside who is told of alerts. */
export const ReceiverConfig = z.discriminatedUnion('type', [WebReceiver, SerfReceiver]);
export type ReceiverConfig = z.output<typeof ReceiverConfig>;

/** In the section `alert:`: who outside is told of alerts, by name. */
export const notifyConfig = z.record(Id, ReceiverConfig).default({}).describe('who outside is told of alerts, by name');

/** In the section `alert:`: who is called while a monitor is well. */
export const heartbeatConfig = z
  .strictObject({
    url: secret(HttpUrl).describe(
      'called while a monitor is well, so that somebody notices when none is any more; secret',
    ),
    every_s: z.number().min(10).max(86_400).default(60).describe('seconds between calls'),
  })
  .optional();
export type HeartbeatConfig = z.output<typeof heartbeatConfig>;

/** A receiver's rules, ready for use. */
export function receiverOf(name: Id, config: ReceiverConfig): Receiver {
  const { severities, kinds, tags, times, zone, after_s, remind_s, resolves, per_minute } = config;
  return {
    name,
    severities: severities && new Set(severities),
    kinds: kinds && new Set(kinds),
    tags: tags && new Set(tags),
    times: new Times(
      times.flatMap((text) => readTimeWindow(text) ?? []),
      zone,
    ),
    after_ms: after_s * 1000,
    remind_ms: remind_s === undefined ? undefined : remind_s * 1000,
    resolves,
    perMinute: per_minute,
  };
}
