import { BusError } from '@guaita/bus';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { connectBus } from './connect-bus.ts';

test('an authority’s file that cannot be read is named, with the mend', () => {
  const connect = (): unknown =>
    connectBus({
      mqtt: { url: 'mqtts://127.0.0.1:8883', ca_file: '/none/ca.pem' },
      clientId: 'x',
      will: { topic: 't', payload: '', retain: true },
      keepalive_s: 2,
      log: pino({ level: 'silent' }),
    });
  expect(connect).toThrow(BusError);
  expect(connect).toThrow(/cannot read mqtt\.ca_file \/none\/ca\.pem: ENOENT.*; name the PEM file/);
});
