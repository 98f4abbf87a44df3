import { assign } from '@guaita/assign';
import { ping } from '@guaita/ping';
import { snmp } from '@guaita/snmp';
import type { ConfigSection, ServiceDefinition } from '@guaita/service';
import { z } from 'zod';

/** The services that `guaita up` runs, in the order in which they start. */
export const services: readonly ServiceDefinition[] = [assign, ping, snmp];

const topicPatterns = z.array(z.string().min(1)).default([]);

/** The section `broker:`, for the broker that `guaita up` brings. */
export const brokerConfig = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('the address to listen on; beyond loopback users are needed'),
    port: z.int().min(0).max(65_535).default(1883).describe('0: any free port, said at the start'),
    users: z
      .record(
        z.string().min(1).max(64),
        z.strictObject({
          password_hash: z.string().min(1).describe('as `guaita hash-password` prints it'),
          read: topicPatterns.describe('topic filters this user may subscribe to'),
          write: topicPatterns.describe('topic filters this user may publish to'),
        }),
      )
      .default({}),
  })
  .prefault({});
export type BrokerConfig = z.output<typeof brokerConfig>;

export const brokerSection = { name: 'broker', config: brokerConfig } satisfies ConfigSection;

/** Every section that the command line knows: it checks the whole of `guaita.yaml`. */
export const sections: readonly ConfigSection[] = [...services, brokerSection];
