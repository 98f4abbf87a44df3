import type { BusOptions } from './bus-options.ts';
import { MqttTransport, type MqttTransportOptions } from './mqtt-transport.ts';
import { TransportBus } from './transport-bus.ts';

export type MqttBusOptions = MqttTransportOptions & BusOptions;

/** The bus over a real broker, by MQTT 5. */
export class MqttBus extends TransportBus {
  constructor(options: MqttBusOptions) {
    super(new MqttTransport(options), options);
  }
}
