import type { ServiceDefinition } from '@guaita/service';
import { snmpConfig } from './profiles.ts';
import { SnmpService } from './service.ts';
import { systemParts } from './system.ts';

export { INTERFACE_COLUMNS } from './interfaces.ts';
export { SYSTEM_SCALARS } from './poll.ts';
export { snmpConfig, type SnmpConfig } from './profiles.ts';

/** The snmp service as `main.ts` and `guaita up` start it. */
export const snmp: ServiceDefinition<typeof snmpConfig> = {
  name: 'snmp',
  description: 'Watches devices by SNMP',
  config: snmpConfig,
  create: (context, config) => new SnmpService(context, config, systemParts),
};
