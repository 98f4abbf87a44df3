import { readFileSync } from 'node:fs';
import { BusError, MqttBus } from '@guaita/bus';
import type { BusFactory } from './bus-factory.ts';

/** Makes a connection to the broker of the configuration. @throws {BusError} when `mqtt.ca_file` cannot be read. */
export const connectBus: BusFactory = ({ mqtt, clientId, will, keepalive_s, patient = false, kept_s, log }) => {
  const { url, username, password, ca_file } = mqtt;
  return new MqttBus({
    url,
    clientId,
    ...(will === undefined ? {} : { will }),
    keepalive_s,
    patient,
    ...(kept_s === undefined ? {} : { session: { kept_s } }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca_file === undefined ? {} : { tls: { ca: readAuthority(ca_file) } }),
    log: (level, message) => log[level](message),
  });
};

/** Reads what `mqtt.ca_file` names. @throws {BusError} when it cannot be read. */
export function readAuthority(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BusError(`cannot read mqtt.ca_file ${file}: ${reason}; name the PEM file of the broker’s authority`, {
      cause,
    });
  }
}
