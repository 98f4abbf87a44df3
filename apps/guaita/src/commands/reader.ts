import { Wire } from '@guaita/bus';
import { connectBus, createLogger, type CommonConfig, type Config } from '@guaita/service';
import type { Logger } from 'pino';
import { isDefault } from './own-broker.ts';

/** A reader may be gone for half a minute before the broker forgets it; nobody depends on its life. */
const KEEPALIVE_S = 30;

/** How the command line itself speaks with a broker: as a client that comes and goes, and leaves no will. */
export function readerWire(
  { mqtt, base }: Pick<CommonConfig, 'mqtt' | 'base'>,
  purpose: string,
  log: Logger,
  random: () => number,
): Wire {
  // Random, since two clients of one id would push each other out.
  const clientId = `guaita-${purpose}-${Math.floor(random() * 2 ** 40).toString(36)}`;
  const bus = connectBus({ mqtt, clientId, keepalive_s: KEEPALIVE_S, log });
  return new Wire(bus, (error) => log.warn(error.message), base);
}

/** The log beside a live view, which is what a person reads: it speaks up when something is wrong, unless told otherwise. */
export function logBesideView(config: Config): Logger {
  const level = isDefault(config, 'log', 'level') ? 'warn' : config.common.log.level;
  return createLogger({ ...config.common.log, level }, { output: process.stderr, secrets: config.secrets });
}
