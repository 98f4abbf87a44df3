import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MqttBus } from './mqtt-bus.ts';
import { noDelaysTo } from './no-delay.testdata.ts';

let broker: Mosquitto;
beforeAll(async () => {
  broker = await startMosquitto();
});
afterAll(() => broker.stop());

test('small packets go at once: an acknowledgement does not wait for that of the one before', async () => {
  const bus = new MqttBus({ url: broker.url, clientId: 'prompt', log: () => {} });
  await bus.start(AbortSignal.timeout(20_000));
  expect(await noDelaysTo(broker.port)).toEqual(['1']);
  await bus.stop(100);
});
