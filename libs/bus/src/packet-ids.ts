/**
 * Packet ids (MQTT 5 §2.2.1) of the two who send on one connection: ours for PUBLISH below, mqtt.js's for SUBSCRIBE and
 * UNSUBSCRIBE from here on, so that they never meet.
 */
const FIRST_OF_MQTTJS = 60_001;
const LAST = 65_535;

/** The next id for a PUBLISH that none in flight has. */
export function nextPublishId(last: number, inFlight: ReadonlyMap<number, unknown>): number {
  let id = last;
  do {
    id = (id % (FIRST_OF_MQTTJS - 1)) + 1;
  } while (inFlight.has(id));
  return id;
}

/** mqtt.js's share of the ids. It has a handful of requests open at a time, so counting round is enough. */
export class MqttJsPacketIds {
  #last = LAST;

  allocate(): number {
    this.#last = this.#last === LAST ? FIRST_OF_MQTTJS : this.#last + 1;
    return this.#last;
  }

  getLastAllocated(): number {
    return this.#last;
  }

  register(): boolean {
    return true;
  }

  deallocate(): void {}

  clear(): void {}
}
