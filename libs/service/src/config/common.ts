import { readBrokerUrl, type BrokerAddress } from '@guaita/bus';
import { DEFAULT_BASE } from '@guaita/messages';
import { COMMAND, Id, MonitorId, normaliseId } from '@guaita/model';
import { z } from 'zod';
import { secret } from '@guaita/settings';

/** The names of all sections but the common ones. A program leaves those that are not its own unchecked. */
export const SERVICE_SECTIONS = [
  'assign',
  'ping',
  'snmp',
  'alert',
  'storage',
  'serf-publisher',
  'broker',
  'peers',
] as const;

/** Free of well-known uses (IANA lists none for 7480), so that it meets no other service on a home server. */
export const DEFAULT_HTTP_PORT = 7480;

const BrokerUrl = z.string().superRefine((text, context) => {
  const address = brokerAddress(text);
  if (address === undefined) {
    context.addIssue({
      code: 'custom',
      // The text is not quoted: a mistyped URL may hold a password.
      message:
        'is not a broker’s address; give one like "mqtt://127.0.0.1:1883", "mqtts://broker.lan:8883" or ' +
        '"mqtt+unix:///run/mosquitto.sock"',
    });
  } else if (address.username !== undefined || address.password !== undefined) {
    context.addIssue({
      code: 'custom',
      message: 'holds a user or password, which would be shown in logs; put them into mqtt.username and mqtt.password',
    });
  }
});

function brokerAddress(text: string): BrokerAddress | undefined {
  try {
    return readBrokerUrl(text);
  } catch {
    return undefined;
  }
}

/** One or more topic levels without wildcards; not below `$`, which belongs to brokers (MQTT 5 §4.7.2). */
const BaseTopic = z
  .string()
  .regex(
    /^[^/+#$\s\0][^/+#\s\0]*(\/[^/+#\s\0]+)*$/u,
    'is not a topic; use levels of letters and digits, as in "guaita"',
  );

/** The fields that every service shares, each with its default. */
export function commonShape(hostName: string) {
  const hostId = normaliseId(hostName) ?? 'monitor';
  return {
    // A container is told its host's name, which may have capital letters.
    monitor: z
      .preprocess((name) => (typeof name === 'string' ? (normaliseId(name) ?? name) : name), MonitorId)
      .default(hostId === COMMAND ? 'monitor' : hostId)
      .describe('this monitor’s id, or a name of which it is made; the host’s by default'),
    site: Id.default('home').describe('the hosts with one failure domain: a home, a rack'),
    tags: z.array(Id).default([]).describe('words by which the placement of devices chooses among monitors'),
    data: z.string().min(1).default('./data').describe('the folder where services keep what must survive a restart'),
    base: BaseTopic.default(DEFAULT_BASE).describe('the topic under which all others stand'),
    mqtt: z
      .strictObject({
        url: BrokerUrl.default('mqtt://127.0.0.1:1883').describe('the broker of this host'),
        username: z.string().min(1).optional(),
        password: secret().optional(),
        ca_file: z
          .string()
          .min(1)
          .optional()
          .describe('PEM file of the authority that signed the broker’s certificate'),
      })
      .prefault({}),
    http: z
      .strictObject({
        host: z.string().min(1).default('127.0.0.1').describe('the address to listen on: the page, /metrics, /healthz'),
        port: z.int().min(0).max(65_535).default(DEFAULT_HTTP_PORT).describe('0: any free port, said in the log'),
        allowed_hosts: z
          .array(z.string().min(1))
          .default([])
          .describe('more names under which it may be asked, such as a container’s or that of a floating IP'),
        cert_file: z
          .string()
          .min(1)
          .optional()
          .describe('PEM file of a certificate: with it the port speaks TLS; read again when it changes'),
        key_file: z.string().min(1).optional().describe('PEM file of its private key'),
      })
      .superRefine(({ cert_file, key_file }, context) => {
        if ((cert_file === undefined) === (key_file === undefined)) return;
        context.addIssue({ code: 'custom', message: 'has one of cert_file and key_file; give both, or none' });
      })
      .prefault({}),
    log: z
      .strictObject({
        level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
        format: z.enum(['auto', 'json', 'pretty']).default('auto').describe('auto: pretty at a terminal, else JSON'),
      })
      .prefault({}),
  };
}

/** The configuration that every service shares. */
export type CommonConfig = z.output<z.ZodObject<ReturnType<typeof commonShape>>>;
