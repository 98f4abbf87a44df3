import type { ServiceDefinition } from '@guaita/service';
import { publisherConfig } from './config.ts';
import { SerfPublisherService } from './service.ts';

/** The serf-publisher service, as `main.ts` and `guaita up` start it. */
export const serfPublisher: ServiceDefinition<typeof publisherConfig> = {
  name: 'serf-publisher',
  description: 'Makes what runs on the microcloud known to the community network',
  config: publisherConfig,
  create: (context, config) => new SerfPublisherService(context, config),
};
