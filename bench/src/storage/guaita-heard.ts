import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MqttBus, Wire } from '@guaita/bus';
import { channels } from '@guaita/messages';
import { processCpu } from '../process-cpu.ts';
import { GuaitaService } from './guaita-service.ts';
import { BEGIN_ms, deviceId, MINUTE_ms, MONITOR, observationOf, seconds } from './pings.ts';

/** Until what is done over and over is compiled; then what is measured. */
const MINUTES = { warmUp: 5, measured: 20 };
/** Three intervals, as the ping service says them. */
const EXPIRY_s = 180;
const LOOK_ms = 100;

/**
 * What it takes our whole service to hear a ping over MQTT, check it and have it in its journal, as fast as a real broker
 * gives them; no day ends in that time, so it is not sealed.
 *
 * @returns CPU of each row, in microseconds.
 */
export async function heardOverMqtt(folder: string, devices: number): Promise<number> {
  const own = join(folder, 'guaita-heard');
  const service = await GuaitaService.start({
    monitor: MONITOR,
    data: join(own, 'data'),
    history: join(own, 'history'),
  });
  const bus = new MqttBus({ url: service.brokerUrl, clientId: 'bench-ping', log: () => undefined });
  try {
    await bus.start(AbortSignal.timeout(10_000));
    const wire = new Wire(bus, () => undefined);
    const hear = async (from_ms: number, minutes: number): Promise<number> => {
      const before_rows = await service.rows();
      let rows = 0;
      for (const pings of seconds(devices, from_ms, from_ms + minutes * MINUTE_ms)) {
        for (const ping of pings) {
          wire.say(channels.ping, { monitor: MONITOR, device: deviceId(ping.device) }, observationOf(ping), EXPIRY_s);
        }
        rows += pings.length;
        await bus.flushed();
      }
      while ((await service.rows()) < before_rows + rows) await sleep(LOOK_ms);
      return rows;
    };
    await hear(BEGIN_ms, MINUTES.warmUp);
    const before_s = processCpu(service.pid).own_s;
    const rows = await hear(BEGIN_ms + MINUTES.warmUp * MINUTE_ms, MINUTES.measured);
    return ((processCpu(service.pid).own_s - before_s) * 1e6) / rows;
  } finally {
    await bus.stop();
    await service.stop();
  }
}
