import type { ServiceDefinition } from '@guaita/service';
import { alertConfig } from './config.ts';
import { AlertService } from './service.ts';

export { tryReceiver, type Trial } from './notify/trial.ts';

/** The alert service, as `main.ts` and `guaita up` start it. */
export const alert: ServiceDefinition<typeof alertConfig> = {
  name: 'alert',
  description: 'Says what all monitors together say of each device, and alerts.',
  config: alertConfig,
  create: (context, config) => new AlertService(context, config),
};
