/** What is spoken at ports that are the same everywhere, by its name at IANA (port 8080 and the like are `http`, too). */
const TYPE_BY_PORT: ReadonlyMap<number, string> = new Map([
  [21, 'ftp'],
  [22, 'ssh'],
  [25, 'smtp'],
  [53, 'domain'],
  [80, 'http'],
  [123, 'ntp'],
  [143, 'imap'],
  [161, 'snmp'],
  [389, 'ldap'],
  [443, 'https'],
  [554, 'rtsp'],
  [587, 'submission'],
  [631, 'ipp'],
  [873, 'rsync'],
  [993, 'imaps'],
  [1080, 'socks'],
  [1883, 'mqtt'],
  [2049, 'nfs'],
  [3306, 'mysql'],
  [5060, 'sip'],
  [5222, 'xmpp-client'],
  [5269, 'xmpp-server'],
  [5432, 'postgresql'],
  [5672, 'amqp'],
  [5683, 'coap'],
  [6379, 'redis'],
  [8000, 'http'],
  [8080, 'http'],
  [8443, 'https'],
  [8883, 'secure-mqtt'],
  [9418, 'git'],
]);

const TYPES: ReadonlySet<string> = new Set(TYPE_BY_PORT.values());

/** Words that people call ports by, and what is spoken there. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['web', 'http'],
  ['ws', 'http'],
  ['h2c', 'http'],
  ['dns', 'domain'],
  ['mqtts', 'secure-mqtt'],
  ['postgres', 'postgresql'],
]);

/**
 * What a port speaks by the name that somebody gave it: `http`, `https-admin`, `kubernetes.io/ws` (the protocol first, as
 * is the custom). `undefined` for names that say something else.
 */
export function typeByPortName(name: string): string | undefined {
  const word = name.toLowerCase().split('/').at(-1) ?? '';
  for (const candidate of [word, word.split('-')[0] ?? '']) {
    const type = ALIASES.get(candidate) ?? (TYPES.has(candidate) ? candidate : undefined);
    if (type !== undefined) return type;
  }
  return undefined;
}

/** What is spoken at a port by custom. */
export function typeByPort(port: number): string | undefined {
  return TYPE_BY_PORT.get(port);
}
