import { networkInterfaces } from 'node:os';
import { systemLookup, type Lookup } from '@guaita/probing';
import type { PingConfig } from './config.ts';
import type { ProbeEngine } from './engine/engine.ts';
import { FpingEngine } from './engine/fping.ts';
import { PingPackageEngine } from './engine/ping-package.ts';
import { defaultGateways } from './gateways.ts';

/** What the service takes from its host; passed in, so that tests decide. */
export interface PingHost {
  /** The best first; the first that can be started is used. */
  readonly engines: readonly ProbeEngine[];
  readonly lookup: Lookup;
  readonly gateways: () => Promise<readonly string[]>;
  /** This host's own addresses with their prefix lengths. */
  readonly ownAddresses: () => readonly string[];
}

/** The real host. */
export function systemHost(config: PingConfig): PingHost {
  const fping = new FpingEngine({ maxProcesses: config.max_processes });
  const ping = new PingPackageEngine({ parallel: config.max_processes });
  return {
    engines: config.engine === 'auto' ? [fping, ping] : [config.engine === 'fping' ? fping : ping],
    lookup: systemLookup,
    gateways: () => (config.gateway_anchor ? defaultGateways() : Promise.resolve([])),
    ownAddresses: () =>
      Object.values(networkInterfaces()).flatMap((interfaces) => (interfaces ?? []).flatMap(({ cidr }) => cidr ?? [])),
  };
}
