import { keep, type Packet } from './stored-packet.ts';

/** Twice the largest packet: whoever has more open has lost track, or means harm. */
const OPEN_MAX_bytes = 4 * 2 ** 20;

/** What an open packet costs beside its payload. */
const PACKET_bytes = 500;

/** QoS 2 messages that clients have begun to send, until they release them (PUBREL). Bounded for each client. */
export class ReceivedPackets {
  readonly #clients = new Map<string, { readonly packets: Map<number, Packet>; bytes: number }>();

  /** @throws {Error} when the client has too much open; Aedes then hangs up on it. */
  store(clientId: string, packet: Packet & { readonly messageId: number }): void {
    const open = this.#clients.get(clientId) ?? { packets: new Map<number, Packet>(), bytes: 0 };
    this.delete(clientId, packet.messageId);
    open.bytes += cost_bytes(packet);
    if (open.bytes > OPEN_MAX_bytes) {
      open.bytes -= cost_bytes(packet);
      throw new Error(`client ${clientId} releases none of the messages that it sends at QoS 2`);
    }
    open.packets.set(packet.messageId, keep(packet));
    this.#clients.set(clientId, open);
  }

  /** The message that a client sent under a packet id and has not released. */
  get(clientId: string, messageId: number): Packet | undefined {
    return this.#clients.get(clientId)?.packets.get(messageId);
  }

  /** A client has released the message of a packet id. */
  delete(clientId: string, messageId: number): void {
    const open = this.#clients.get(clientId);
    const packet = open?.packets.get(messageId);
    if (open === undefined || packet === undefined) return;
    open.packets.delete(messageId);
    open.bytes -= cost_bytes(packet);
    if (open.packets.size === 0) this.#clients.delete(clientId);
  }

  /** The client's session is over. */
  forget(clientId: string): void {
    this.#clients.delete(clientId);
  }
}

function cost_bytes({ payload, topic }: Packet): number {
  return PACKET_bytes + payload.length + topic.length;
}
