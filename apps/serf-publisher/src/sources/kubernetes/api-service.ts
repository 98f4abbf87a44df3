import { z } from 'zod';

const Port = z.object({
  name: z.string().nullish(),
  appProtocol: z.string().nullish(),
  protocol: z.string().nullish(),
  port: z.number(),
  nodePort: z.number().nullish(),
});

const Words = z.record(z.string(), z.string()).nullish();

/** What is read of a Kubernetes Service (core/v1); fields that are empty are left out or null. */
export const KubernetesService = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().default(''),
    labels: Words,
    annotations: Words,
    deletionTimestamp: z.string().nullish(),
  }),
  spec: z
    .object({
      type: z.string().nullish(),
      ports: z.array(Port).nullish(),
      externalIPs: z.array(z.string()).nullish(),
    })
    .nullish(),
  status: z
    .object({
      loadBalancer: z
        .object({
          ingress: z.array(z.object({ ip: z.string().nullish(), hostname: z.string().nullish() })).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});
export type KubernetesService = z.output<typeof KubernetesService>;

/** A page of a list. Its items are looked at one by one: one that cannot be read must not hide the others. */
export const ServiceList = z.object({
  metadata: z.object({ resourceVersion: z.string().default(''), continue: z.string().nullish() }),
  items: z.array(z.unknown()).nullish(),
});

/** What a watch says: a Service, or only a version (`BOOKMARK`), or what went wrong (`ERROR`). */
export const WatchEvent = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: z.unknown() }),
  z.object({ type: z.literal('BOOKMARK') }),
  z.object({
    type: z.literal('ERROR'),
    object: z.object({ code: z.number().nullish(), message: z.string().nullish() }),
  }),
]);
