import type { ServiceDefinition } from '@guaita/service';
import { pingConfig } from './config.ts';
import { PingService } from './service.ts';

export { pingConfig, type PingConfig } from './config.ts';
export { FpingEngine, fpingArguments } from './engine/fping.ts';
export { defaultGateways } from './gateways.ts';
export type { PingHost } from './host.ts';
export { PingService } from './service.ts';

/** The ping service, as `main.ts` and `guaita up` start it. */
export const ping: ServiceDefinition<typeof pingConfig> = {
  name: 'ping',
  description: 'Pings the devices that are assigned to this monitor, and says what it sees.',
  config: pingConfig,
  create: (context, config) => new PingService(context, config),
};
