import { ipFamily, MonitorId, normaliseId, Id } from '@guaita/model';
import { z } from 'zod';
import { addressFault, canonicalAddress, readAddressWithPrefix } from './address.ts';
import { checkSite } from './check-site.ts';

/** Where the broker listens for TLS: IANA's port of MQTT over TLS. */
const DEFAULT_MQTT_PORT = 8883;
/** Where the page is, as everywhere else. */
const DEFAULT_PAGE_PORT = 7480;

/** RFC 5798 §5.2.3: 1 to 255. */
const MAX_VIRTUAL_ROUTER_ID = 255;

/** A name of a network interface: at most 15 characters (IFNAMSIZ of Linux). */
const INTERFACE = /^[a-z0-9][a-z0-9._@-]{0,14}$/i;

const Interface = z
  .string()
  .refine((name) => INTERFACE.test(name), {
    error: ({ input }) => `${JSON.stringify(input)} is not the name of a network interface; give one like "eth0"`,
  })
  .describe('the network interface by which the others are reached');

const HostAddress = z
  .string()
  .transform((address, context) => {
    const fault = addressFault(address);
    if (fault === undefined) return canonicalAddress(address);
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  })
  .describe('its own fixed IP address, under which the other hosts reach it');

const FloatingAddress = z.string().transform((text, context) => {
  const read = readAddressWithPrefix(text);
  if (read !== undefined) return read;
  const cause =
    ipFamily(text) === undefined
      ? `${JSON.stringify(text)} is not an IP address with a prefix length`
      : `${JSON.stringify(text)} has no prefix length`;
  context.addIssue({ code: 'custom', message: `${cause}; give one like "192.168.1.250/24"` });
  return z.NEVER;
});

const Port = z.int().min(1).max(65_535);

/** What `site.yaml` holds, as it is written; checked as a whole by `checkSite`. */
const SiteFields = z.strictObject({
  site: Id.describe('its id: that of the hosts with one failure domain, a home or a rack'),
  floating_ip: z
    .strictObject({ address: FloatingAddress, interface: Interface })
    .optional()
    .describe('the address that moves to a healthy host'),
  hosts: z
    .record(z.string(), z.strictObject({ address: HostAddress, interface: Interface.optional() }))
    .describe('by host name; each is one monitor'),
  ports: z
    .strictObject({
      mqtt: Port.default(DEFAULT_MQTT_PORT).describe('of the broker, by TLS'),
      page: Port.default(DEFAULT_PAGE_PORT).describe('of the page'),
    })
    .prefault({}),
  virtual_router_id: z
    .int()
    .min(1)
    .max(MAX_VIRTUAL_ROUTER_ID)
    .optional()
    .describe('tells this floating IP from others of the network; by default it is made of the site’s id'),
});

/** A site as its file says it. */
export type SiteFields = z.output<typeof SiteFields>;

/** Schema of `site.yaml`. */
export const Site = SiteFields.superRefine((fields, context) => {
  for (const { path, message } of checkSite(fields)) context.addIssue({ code: 'custom', path: [...path], message });
}).transform(({ hosts, floating_ip, virtual_router_id, ...fields }) => ({
  ...fields,
  ...(floating_ip === undefined
    ? {}
    : { floating_ip: { ...floating_ip.address, interface: floating_ip.interface } satisfies FloatingIp }),
  hosts: Object.entries(hosts).map(([name, { address, interface: own }]): SiteHost => ({
    ...{ id: MonitorId.parse(normaliseId(name)), name, address },
    ...((own ?? floating_ip?.interface) === undefined ? {} : { interface: own ?? floating_ip?.interface }),
  })),
  virtual_router_id: virtual_router_id ?? derivedRouterId(fields.site),
}));

/** A site of one or more hosts. */
export type Site = z.output<typeof Site>;

/** One host of a site: one monitor with its own broker. */
export interface SiteHost {
  /** The monitor's id: the name as ids are made. */
  readonly id: Id;
  /** As Docker has it. */
  readonly name: string;
  /** An IP address, in the canonical way to write it. */
  readonly address: string;
  /** Its own, else that of the floating IP; `undefined` where neither is given. */
  readonly interface?: string | undefined;
}

/** The address that moves between the hosts. */
export interface FloatingIp {
  readonly address: string;
  /** The length of its network's prefix. */
  readonly prefix: number;
  /** Where the hosts that name none of their own bear it. */
  readonly interface: string;
}

/** FNV-1a of the site's id, so that two sites in one network most likely have different ones: 1 to 255. */
function derivedRouterId(site: Id): number {
  const hash = [...site].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5);
  return ((hash >>> 0) % MAX_VIRTUAL_ROUTER_ID) + 1;
}
