import { alert } from '@guaita/alert';
import { assign } from '@guaita/assign';
import { filterFault } from '@guaita/bus';
import { ping } from '@guaita/ping';
import { serfPublisher } from '@guaita/serf-publisher';
import { secret, type ConfigSection, type ServiceDefinition } from '@guaita/service';
import { snmp } from '@guaita/snmp';
import { storage } from '@guaita/storage';
import { z } from 'zod';
import { isPasswordHash } from './broker/passwords.ts';
import { peersSection } from './peers/index.ts';

/** The services that `guaita up` runs, in the order in which they start. */
export const services: readonly ServiceDefinition[] = [assign, ping, snmp, alert, storage, serfPublisher];

/** The user of the embedded broker by which our own services come in. */
export const OWN_USER = 'guaita-services';

const topicFilter = z.string().superRefine((text, context) => {
  const fault = filterFault(text);
  if (fault === undefined) return;
  const message = `${JSON.stringify(text)} is no topic filter, since ${fault}; give one like "guaita/#" or "guaita/+/ping"`;
  context.addIssue({ code: 'custom', message });
});

const topicFilters = z.array(topicFilter).default([]);

const userName = z
  .string()
  .min(1)
  .max(64)
  .refine((name) => name !== OWN_USER, `give another name: ${OWN_USER} is what our own services are called`);

const passwordHash = secret(
  z.string().refine(isPasswordHash, 'is not a hash of a password; give what `guaita hash-password` prints'),
);

/** 128 random bits in base64: nobody guesses it, so that it needs no slow hash. */
const SITE_KEY_MIN_characters = 22;

const siteKey = secret(
  z
    .string()
    .refine(
      (key) => key.length >= SITE_KEY_MIN_characters && !/\s/.test(key),
      `is no key: it needs ${SITE_KEY_MIN_characters} characters without spaces; make one with: head -c 24 /dev/urandom | base64`,
    ),
);

/** The section `broker:`, for the broker that `guaita up` brings. */
export const brokerConfig = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('the address to listen on; beyond loopback users are needed'),
    port: z.int().min(0).max(65_535).default(1883).describe('0: any free port, said at the start'),
    anonymous: z
      .boolean()
      .optional()
      .describe('whether clients of this host come in without a name; by default only while there are no users'),
    site_key: siteKey
      .optional()
      .describe('a secret that all monitors of the site share: by it each says to the others’ brokers what it says'),
    users: z
      .record(
        userName,
        z.strictObject({
          password_hash: passwordHash.describe('as `guaita hash-password` prints it'),
          read: topicFilters.describe('topic filters this user may subscribe to'),
          write: topicFilters.describe('topic filters this user may publish to'),
        }),
      )
      .default({}),
  })
  .prefault({});
export type BrokerConfig = z.output<typeof brokerConfig>;

export const brokerSection = { name: 'broker', config: brokerConfig } satisfies ConfigSection;

/** Every section that the command line knows: it checks the whole of `guaita.yaml`. */
export const sections: readonly ConfigSection[] = [...services, brokerSection, peersSection];
