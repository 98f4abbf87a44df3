import { Address, Id, Timestamp } from '@guaita/model';
import { z } from 'zod';

/** What people read in one line. */
const DESCRIPTION_LONGEST = 200;
/** DNS-SD's strings have 255 bytes for name, `=` and value (RFC 6763 §6.1). */
const ATTRIBUTE_LONGEST = 128;
const ATTRIBUTE_NAME = /^[^=]{1,128}$/u;
const ATTRIBUTES_MOST = 16;

/** What is spoken at a service's port (RFC 6335 §5.1): `http`. Such a type is an id, and so one level of a topic. */
const ServiceType = z
  .string()
  .regex(
    /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*$/,
    'must be a type of service: a-z, 0-9 and single hyphens, with a letter, at most 15 characters',
  );

const ServiceAttributes = z
  .record(z.string(), z.string().max(ATTRIBUTE_LONGEST))
  .refine((txt) => Object.keys(txt).every((key) => ATTRIBUTE_NAME.test(key)), {
    error: `must have names of 1 to ${ATTRIBUTE_LONGEST} characters without a "="`,
  })
  .refine((txt) => Object.keys(txt).length <= ATTRIBUTES_MOST, `must have at most ${ATTRIBUTES_MOST} attributes`);

const Port = z.int().min(1).max(65_535);
const Protocol = z.enum(['tcp', 'udp']);

/** Makes a service known, or changes one that was made known so before. */
export const AddService = z.object({
  type: ServiceType.describe('what is spoken there, such as `http`'),
  name: Id.describe('no other service of its type may be called so on this host'),
  address: Address.optional().describe('where it is reached; at this host by default'),
  port: Port,
  protocol: Protocol.default('tcp'),
  description: z.string().max(DESCRIPTION_LONGEST).default('').describe('for people'),
  txt: ServiceAttributes.default({}).describe('further facts, as a DNS-SD TXT record has them'),
});
export type AddService = z.infer<typeof AddService>;

/** Takes a service away that was added by command. */
export const RemoveService = z.object({ type: ServiceType, name: Id });
export type RemoveService = z.infer<typeof RemoveService>;

/** A service of a host on this broker, or of another node of the community network. */
export const FoundService = z.object({
  type: z.string(),
  name: z.string(),
  address: z.string(),
  port: Port,
  protocol: Protocol,
  description: z.string(),
  txt: z.record(z.string(), z.string()),
  node: z.string().describe('on which it runs: a monitor’s host, or a member of the Serf cluster'),
  source: z.string().describe('who tells of it: announcements, own, kubernetes, swarm; or serf, for another node’s'),
});
export type FoundService = z.infer<typeof FoundService>;

/** More of what is left out than people read. */
const NAMED_MOST = 10;

/** Which of its services a monitor's host cannot tell of by the tag of its Serf agent. */
export const ServicesLeftOut = z.object({
  count: z.int().min(0).describe('how many are left out; 0: all fit'),
  services: z
    .array(z.string())
    .max(NAMED_MOST)
    .describe('the first of them in the order in which they would be told: `http/shop`'),
  room_bytes: z.int().min(0).describe('what all tags of the agent may have together'),
  since: Timestamp.describe('when some were left out first, or all fitted again'),
  at: Timestamp.describe('when this was said'),
});
export type ServicesLeftOut = z.infer<typeof ServicesLeftOut>;

/** A member of the Serf cluster, as this host’s agent sees it. */
export const SerfMember = z.object({
  name: z.string().describe('as Serf knows it'),
  address: z.string(),
  port: z.int().min(0).max(65_535),
  status: z.enum(['alive', 'leaving', 'left', 'failed']),
  since: Timestamp.describe('when that was first seen here'),
  tags: z.record(z.string(), z.string()).describe('all but its services'),
});
export type SerfMember = z.infer<typeof SerfMember>;
