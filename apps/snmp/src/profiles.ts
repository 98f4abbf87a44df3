import { Id, ipFamily, Network, NetworkSet } from '@guaita/model';
import { secret } from '@guaita/service';
import { z } from 'zod';
import { AUTH_PROTOCOLS, PRIV_PROTOCOLS, type Credentials } from './credentials.ts';
import type { ExtraObject } from './extra.ts';
import { isOid } from './oid.ts';

/** Groups of objects that a profile may ask for. */
export const COLLECT = ['interfaces', 'host', 'sensors', 'ups'] as const;
export type Collect = (typeof COLLECT)[number];

/** Passwords of SNMPv3 have 8 characters at least (RFC 3414 §11.2). */
const Password = z.string().min(8).max(256);

const Extra = z.strictObject({
  oid: z
    .string()
    .transform((text) => text.replace(/^\./, ''))
    .refine(isOid, 'is not an OID; write numbers between dots with the instance at the end, as in "1.3.6.1.2.1.1.3.0"'),
  unit: z.string().min(1).max(32).describe('what the value counts: celsius, volts, packets …'),
  kind: z.enum(['gauge', 'counter']).default('gauge').describe('counter: a rate per second is worked out'),
  scale: z
    .number()
    .refine((value) => value !== 0, 'must not be 0')
    .default(1)
    .describe('multiplies a gauge: 0.1 for tenths'),
});

const ProfileShape = z.strictObject({
  version: z.enum(['1', '2c', '3']).default('2c'),
  community: secret().optional().describe('versions 1 and 2c'),
  user: z.string().min(1).max(32).optional().describe('version 3: the user (RFC 3414: at most 32 octets)'),
  context: z.string().max(32).default('').describe('version 3: the context, empty for most'),
  auth: z.strictObject({ protocol: z.enum(AUTH_PROTOCOLS).default('sha256'), password: secret(Password) }).optional(),
  priv: z.strictObject({ protocol: z.enum(PRIV_PROTOCOLS).default('aes'), password: secret(Password) }).optional(),
  allowed: z.array(Network).min(1).describe('the networks whose devices may be sent these credentials'),
  collect: z.array(z.enum(COLLECT)).default(['interfaces']),
  extra: z.record(z.string().min(1).max(64), Extra).default({}).describe('further objects, by name'),
  timeout_ms: z.number().min(100).max(60_000).default(2_000).describe('wait for each answer'),
  retries: z.int().min(0).max(10).default(2).describe('how often a request is repeated'),
  max_repetitions: z.int().min(1).max(200).optional().describe('rows in one GETBULK; as many as fit by default'),
});

/** A profile as it is configured. */
export const Profile = ProfileShape.superRefine((profile, context) => {
  const complain = (path: string, message: string): void => {
    // What is said of a secret's own place is kept from people, as it might quote it: say it of the profile.
    if (path === 'community') context.addIssue({ code: 'custom', path: [], message: `${path} ${message}` });
    else context.addIssue({ code: 'custom', path: [path], message });
  };
  if (profile.version === '3') {
    if (profile.user === undefined) complain('user', 'is missing; version 3 needs a user');
    if (profile.community !== undefined) complain('community', 'belongs to versions 1 and 2c; take it out');
    if (profile.priv !== undefined && profile.auth === undefined) {
      complain('auth', 'is missing; version 3 has no privacy without authentication');
    }
    return;
  }
  if (profile.community === undefined) complain('community', `is missing; version ${profile.version} needs one`);
  for (const key of ['user', 'auth', 'priv'] as const) {
    if (profile[key] !== undefined)
      complain(key, `belongs to version 3; this profile is of version ${profile.version}`);
  }
});
export type Profile = z.output<typeof Profile>;

/** The service's section in the configuration. */
export const snmpConfig = z.strictObject({
  profiles: z.record(Id, Profile).default({}).describe('credentials, each with the networks they may be sent to'),
  max_concurrent: z.int().min(4).max(10_000).default(1_000).describe('polls under way at the same time'),
  max_sessions: z.int().min(1).max(1_000_000).default(20_000).describe('agents whose sessions are kept'),
});
export type SnmpConfig = z.output<typeof snmpConfig>;

/** A profile made ready for use. */
export interface ReadyProfile {
  readonly name: Id;
  readonly credentials: Credentials;
  readonly collect: ReadonlySet<Collect>;
  readonly extra: readonly ExtraObject[];
  readonly timeout_ms: number;
  readonly retries: number;
  readonly max_repetitions: number | undefined;
  /** Tells whether these credentials may be sent to an IP address. Host names are never allowed: resolve them first. */
  allows(address: string): boolean;
}

/** Makes a configured profile ready. */
export function readyProfile(name: Id, profile: Profile): ReadyProfile {
  const networks = new NetworkSet(profile.allowed);
  return {
    name,
    credentials: credentialsOf(profile),
    collect: new Set(profile.collect),
    extra: Object.entries(profile.extra).map(([extra, object]) => ({ name: extra, ...object })),
    timeout_ms: profile.timeout_ms,
    retries: profile.retries,
    max_repetitions: profile.max_repetitions,
    allows: (address) => ipFamily(address) !== undefined && networks.has(address),
  };
}

function credentialsOf({ version, community = '', user = '', context, auth, priv }: Profile): Credentials {
  if (version !== '3') return { version, community };
  return {
    version,
    user,
    context,
    ...(auth === undefined ? {} : { auth }),
    ...(priv === undefined ? {} : { priv }),
  };
}
