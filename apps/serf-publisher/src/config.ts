import { Address } from '@guaita/model';
import { isAddress, TAGS_LIMIT_bytes } from '@guaita/serf';
import { secret } from '@guaita/service';
import { z } from 'zod';
import { wantedFault } from './events/wanted-events.ts';
import { onOneLine, serviceType } from './services/names.ts';
import { isEngineUrl } from './sources/swarm/engine-address.ts';

const DEFAULT_ENGINE = 'unix:///var/run/docker.sock';

/** A service that Guaita itself offers on this host. */
function own(type: string, description: string) {
  return z.strictObject({
    port: z.int().min(1).max(65_535).describe('the port at which others reach it'),
    type: z
      .string()
      .refine((text) => serviceType(text) === text, `is no type; give a word such as "${type}"`)
      .default(type),
    description: z
      .string()
      .refine((text) => onOneLine(text) === text, 'is not on one line of 255 characters; shorten it')
      .default(description),
  });
}

const file = z.string().min(1).optional();

const docker = z
  .strictObject({
    url: z
      .string()
      .refine(isEngineUrl, `is no Docker engine; give one like "${DEFAULT_ENGINE}" or "https://10.0.0.1:2376"`)
      .default(DEFAULT_ENGINE)
      .describe('an engine that manages the Swarm'),
    ca_file: file.describe('PEM file of the authority that signed its certificate, for https'),
    cert_file: file.describe('PEM file of our certificate, for https'),
    key_file: file.describe('PEM file of its key'),
  })
  .refine(({ cert_file, key_file }) => (cert_file === undefined) === (key_file === undefined), {
    message: 'has one of cert_file and key_file; give both, or none',
  });

/** A DNS label (RFC 1123), as Kubernetes has it for namespaces. */
const Namespace = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'is no namespace of Kubernetes; give its name, such as "default"');

const kubernetes = z
  .strictObject({
    kubeconfig: file.describe('by default the service account of the pod in which this runs'),
    context: z.string().min(1).optional().describe('a context of the kubeconfig; its current one by default'),
    namespaces: z.array(Namespace).default([]).describe('whose services are told; all by default'),
  })
  .refine(({ kubeconfig, context }) => context === undefined || kubeconfig !== undefined, {
    message: 'has a context and no kubeconfig in which that would be; name the kubeconfig, too',
    path: ['context'],
  });

/** Of user events of Serf. */
const EventName = z
  .string()
  .min(1)
  .max(255)
  .superRefine((name, context) => {
    const message = wantedFault(name);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

const serf = z.strictObject({
  agent: z
    .string()
    .refine(isAddress, 'is not the address of an agent; give one like "127.0.0.1:7373"')
    .default('127.0.0.1:7373')
    .describe('the RPC of the Serf agent of this host'),
  key: secret().optional().describe('what the agent wants to hear first (its rpc_auth)'),
  host: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('what this host is called in the community network; by default its own name'),
  microcloud: z.string().max(63).default('').describe('the microcloud to which it belongs'),
  tag_bytes: z
    .int()
    .min(64)
    .max(TAGS_LIMIT_bytes)
    .default(TAGS_LIMIT_bytes)
    .describe('how much room all tags of the agent have together'),
  events: z
    .array(EventName)
    .default([])
    .describe('user events that are told on MQTT, by name; a "*" at the end stands for any ending; none by default'),
});

/** The section `serf-publisher:` of `guaita.yaml`. */
export const publisherConfig = z.strictObject({
  address: Address.optional().describe(
    'where this host is reached by those who are told of its services; by default the address by which it reaches others',
  ),
  only_labelled: z
    .boolean()
    .default(false)
    .describe('tell only services of Docker and Kubernetes that bear guaita.service.publish=true'),
  page: own('http', 'Guaita').optional().describe('tell of the live page of this host'),
  broker: own('mqtt', 'Guaita').optional().describe('tell of the broker of this host'),
  docker: docker.optional().describe('tell of the services of a Docker Swarm'),
  kubernetes: kubernetes.optional().describe('tell of the services of a Kubernetes cluster'),
  serf: serf.optional().describe('tell by the tag of the Serf agent of this host, as the nodes of Cloudy do'),
  avahi_ps: z
    .strictObject({ program: z.string().min(1).default('avahi-ps').describe('its name or file') })
    .optional()
    .describe('tell by the program avahi-ps of Cloudy as well'),
});
export type PublisherConfig = z.output<typeof publisherConfig>;
