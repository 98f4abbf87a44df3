import type { ServiceDefinition } from '@guaita/service';
import { assignConfig } from './config.ts';
import { AssignService } from './service.ts';

export { assignConfig, configuredFiles, DEFAULT_CAPACITY, type AssignConfig, type ConfiguredFile } from './config.ts';
export { connectDataCentres } from './antidote/connect-data-centres.ts';
export { DataCentreKeeper } from './antidote/data-centre-keeper.ts';
export { AssignService } from './service.ts';
export { readLocalNetwork } from './local-network.ts';

/** Keeps the inventory and says who watches what. */
export const assign: ServiceDefinition<typeof assignConfig> = {
  name: 'assign',
  description: 'Keeps the inventory and says who watches what',
  config: assignConfig,
  create: (context, config) => new AssignService(context, config),
};
