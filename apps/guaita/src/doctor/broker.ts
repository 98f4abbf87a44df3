import { channels } from '@guaita/messages';
import { createLogger, type CommonConfig } from '@guaita/service';
import { readerWire } from '../commands/reader.ts';
import type { Check } from './finding.ts';

/** A broker that is there answers in milliseconds; a person waits no longer than this. */
const PATIENCE_MS = 5_000;

/** Does the broker let us in, and may we subscribe? */
export function checkBroker(common: CommonConfig, random: () => number): Check {
  return async () => {
    const refusal = await reachBroker(common, random);
    if (refusal === undefined) {
      return [{ check: 'broker', level: 'ok', detail: `${common.mqtt.url} lets us in and speaks MQTT 5` }];
    }
    const mend = 'See that it runs and that mqtt.url, mqtt.username and mqtt.password in guaita.yaml are right.';
    return [{ check: 'broker', level: 'failure', detail: refusal, mend }];
  };
}

/** Connects and subscribes as a reader does. @returns why that cannot be; `undefined` when it can. */
export async function reachBroker(common: CommonConfig, random: () => number): Promise<string | undefined> {
  // What goes wrong is the finding; it is not to be logged beside it.
  const wire = readerWire(common, 'doctor', createLogger({ level: 'silent', format: 'json' }), random);
  try {
    await wire.bus.start(AbortSignal.timeout(PATIENCE_MS));
    await wire.hear(channels.cluster, {}, () => undefined);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) return String(error);
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return `${error.message}${cause}`;
  } finally {
    await wire.bus.stop(500);
  }
}
