import type { IClientPublishOptions } from 'mqtt';
import type { OutgoingMessage } from './bus.ts';

/** What a PUBLISH carries beside topic and payload (MQTT 5 §3.3.2.3); `undefined` when it is nothing. */
export function publishProperties(
  { responseTopic, correlationData }: OutgoingMessage,
  expiry_s: number | undefined,
): IClientPublishOptions['properties'] | undefined {
  if (expiry_s === undefined && responseTopic === undefined && correlationData === undefined) return undefined;
  return {
    ...(expiry_s === undefined ? {} : { messageExpiryInterval: expiry_s }),
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlationData === undefined ? {} : { correlationData: Buffer.from(correlationData) }),
  };
}
