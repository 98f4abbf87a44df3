import { filterFault } from '@guaita/bus';
import { channels } from '@guaita/messages';
import type { IConnectPacket, ISubscribePacket, Packet } from 'mqtt-packet';

/** The reason codes of MQTT 5 (§2.4) that are told here. */
const NOT_AUTHORISED = 0x87;
const UNSUPPORTED_VERSION = 0x84;
const PROTOCOL_ERROR = 0x82;

/** What becomes of a packet that a browser sends. */
export type Passage =
  | { readonly to: 'broker'; readonly packet: Packet }
  | { readonly to: 'browser'; readonly packet: Packet; readonly ends?: string };

export interface GateOptions {
  readonly base: string;
  /** By which the broker knows the connection: a browser's own choice could take a service's place. */
  readonly clientId: string;
  /** The broker's user for the page; a browser never learns of it. */
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** What stands below the base topic and is not for everybody: among services, to them from operators, and back. */
const HIDDEN: ReadonlySet<string> = new Set(
  Object.values(channels)
    .filter(({ definition: { scope, writer, name } }) => scope === 'host' || writer === 'operators' || name === 'reply')
    .map(({ definition: { path } }) => path.split('/', 1)[0] ?? ''),
);

/**
 * What a browser may say to the broker: that it is there, what it wants to hear, that it has heard it, and goodbye.
 * Nothing is passed on as it came: a CONNECT is made anew, and what else comes is written again from what was understood.
 */
export class Gate {
  readonly #options: GateOptions;
  #connected = false;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  pass(packet: Packet): Passage {
    if (!this.#connected) {
      return packet.cmd === 'connect' ? this.#connect(packet) : end(PROTOCOL_ERROR, 'it did not begin with CONNECT');
    }
    switch (packet.cmd) {
      case 'subscribe':
        return this.#subscribe(packet);
      case 'unsubscribe': {
        const { messageId = 0, unsubscriptions } = packet;
        return { to: 'broker', packet: { cmd: 'unsubscribe', messageId, unsubscriptions } };
      }
      case 'puback':
        return { to: 'broker', packet: { cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0 } };
      case 'pingreq':
        return { to: 'broker', packet: { cmd: 'pingreq' } };
      case 'disconnect':
        return { to: 'broker', packet: { cmd: 'disconnect', reasonCode: 0 } };
      case 'publish':
        return end(NOT_AUTHORISED, 'a page publishes nothing: commands go to /api/commands');
      default:
        return end(PROTOCOL_ERROR, `a page sends no ${packet.cmd.toUpperCase()}`);
    }
  }

  #connect({ protocolVersion, keepalive = 0, properties = {}, will }: IConnectPacket): Passage {
    if (protocolVersion !== 5) return refuse(UNSUPPORTED_VERSION, 'it speaks another MQTT than 5');
    if (will !== undefined) return refuse(NOT_AUTHORISED, 'a page leaves no will');
    if (properties.authenticationMethod !== undefined) return refuse(NOT_AUTHORISED, 'it wants to authenticate itself');
    this.#connected = true;
    const { clientId, username, password } = this.#options;
    const { receiveMaximum, maximumPacketSize, topicAliasMaximum } = properties;
    return {
      to: 'broker',
      packet: {
        ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, clientId, keepalive },
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password: Buffer.from(password) }),
        properties: {
          sessionExpiryInterval: 0,
          ...(receiveMaximum === undefined ? {} : { receiveMaximum }),
          ...(maximumPacketSize === undefined ? {} : { maximumPacketSize }),
          ...(topicAliasMaximum === undefined ? {} : { topicAliasMaximum }),
        },
      },
    };
  }

  /** All filters of a SUBSCRIBE or none: the broker's answer could not be told apart from ours. */
  #subscribe(packet: ISubscribePacket): Passage {
    const { subscriptions, messageId = 0, properties } = packet;
    if (!subscriptions.every(({ topic }) => this.#mayHear(topic))) {
      const granted = subscriptions.map(() => NOT_AUTHORISED);
      return { to: 'browser', packet: { cmd: 'suback', messageId, granted } };
    }
    const identifier = properties?.subscriptionIdentifier;
    return {
      to: 'broker',
      packet: {
        ...{ cmd: 'subscribe', messageId },
        // Nothing of ours is said at QoS 2, whose packets do not come through here.
        subscriptions: subscriptions.map((each) => ({ ...each, qos: each.qos === 2 ? 1 : each.qos })),
        ...(identifier === undefined ? {} : { properties: { subscriptionIdentifier: identifier } }),
      },
    };
  }

  #mayHear(filter: string): boolean {
    const start = `${this.#options.base}/`;
    if (filterFault(filter) !== undefined || !filter.startsWith(start)) return false;
    const [level = ''] = filter.slice(start.length).split('/', 1);
    return !/[+#]/.test(level) && !HIDDEN.has(level);
  }
}

function refuse(reasonCode: number, why: string): Passage {
  return { to: 'browser', packet: { cmd: 'connack', reasonCode, sessionPresent: false }, ends: why };
}

function end(reasonCode: number, why: string): Passage {
  return { to: 'browser', packet: { cmd: 'disconnect', reasonCode }, ends: why };
}
