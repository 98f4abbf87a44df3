import { channels } from '@guaita/messages';
import { createLogger, type CommonConfig } from '@guaita/service';
import { readerWire } from '../commands/reader.ts';
import type { Check, Finding } from './finding.ts';

/** A broker that is there answers in milliseconds; a person waits no longer than this. */
const PATIENCE_MS = 5_000;

/** Does the broker let us in, and does what we subscribe to come back to us? */
export function checkBroker(common: CommonConfig, random: () => number): Check {
  return async () => {
    // What goes wrong is the finding; it is not to be logged beside it.
    const wire = readerWire(common, 'doctor', createLogger({ level: 'silent', format: 'json' }), random);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
      await wire.bus.start(signal);
      await wire.hear(channels.cluster, {}, () => undefined);
      return [{ check: 'broker', level: 'ok', detail: `${common.mqtt.url} lets us in and speaks MQTT 5` }] as Finding[];
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
      return [
        {
          check: 'broker',
          level: 'failure',
          detail: `${(error as Error).message}${cause === '' ? '' : ` (${cause})`}`,
          mend: 'See that it runs and that mqtt.url, mqtt.username and mqtt.password in guaita.yaml are right.',
        },
      ] as Finding[];
    } finally {
      await wire.bus.stop(500);
    }
  };
}
