import type { Duplex } from 'node:stream';
import { generate, parser, type Packet } from 'mqtt-packet';
import type { WebSocket } from 'ws';
import type { Gate } from './gate.ts';

/** The largest packet that a page has reason to send is a SUBSCRIBE of some filters. */
export const PACKET_MAX_bytes = 64 * 1024;

/** From the handshake to a whole CONNECT, and from there to the broker's CONNACK, which is at hand. */
const BEGIN_ms = 10_000;

/** What a broker has not read of a page's packets, which are small: it does not read at all. */
const UNREAD_MOST_bytes = 2 ** 20;

/** The reasons for which a WebSocket is closed (RFC 6455 §7.4.1, and its registry at IANA). */
const NORMAL = 1000;
const POLICY = 1008;
const TRY_AGAIN_LATER = 1013;

/** A close frame has room for so many (RFC 6455 §5.5). */
const REASON_MOST_bytes = 123;
const NOT_ASCII = /[^\x20-\x7e]/g;

export interface PassageOptions {
  readonly browser: WebSocket;
  readonly gate: Gate;
  readonly openBroker: () => Duplex;
  /** Told, once, why it ended, where that is anybody's mistake. */
  readonly onTrouble: (why: string) => void;
  /** Told whenever more waits for the browser. */
  readonly onBacklog: () => void;
}

/** One browser's way to the broker: its packets through the gate, the broker's bytes as they come. */
export class Passage {
  readonly #options: PassageOptions;
  readonly #parser = parser({ protocolVersion: 5 });
  #broker: Duplex | undefined;
  #begin: NodeJS.Timeout | undefined;
  /** Whether anything was read or said there since it was last asked. */
  #lively = true;
  #over = false;

  constructor(options: PassageOptions) {
    this.#options = options;
  }

  /** Takes the browser's packets from now on. */
  open(): void {
    const { browser } = this.#options;
    this.#begin = setTimeout(() => this.end(POLICY, 'no MQTT connection within 10 s'), BEGIN_ms);
    this.#parser.on('packet', (packet) => this.#pass(packet));
    this.#parser.on('error', (error: Error) => this.end(POLICY, `that is no MQTT: ${error.message}`));
    browser.on('message', (data, isBinary) => {
      if (!isBinary) this.end(POLICY, 'MQTT is binary');
      else this.#parse(data as Buffer);
    });
    browser.on('pong', () => (this.#lively = true));
    browser.on('error', (error) => this.end(POLICY, error.message));
    browser.on('close', () => this.end(NORMAL));
  }

  /** Asks whether the browser is still there. One that neither answered nor read anything since the last time is not. */
  probe(): void {
    if (!this.#lively) this.cut('the page reads nothing any more');
    this.#lively = false;
    if (!this.#over) this.#options.browser.ping();
  }

  /** Ends it at once: there is no use in telling one that does not read. */
  cut(why: string): void {
    this.end(POLICY, why);
    this.#options.browser.terminate();
  }

  /** Ends it; after the first time nothing happens. */
  end(code: number, why?: string): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#begin);
    this.#broker?.destroy();
    this.#options.browser.close(code, why?.replace(NOT_ASCII, '?').slice(0, REASON_MOST_bytes));
    if (why !== undefined) this.#options.onTrouble(why);
  }

  #parse(data: Buffer): void {
    if (this.#over) return;
    try {
      if (this.#parser.parse(data) > PACKET_MAX_bytes)
        this.end(POLICY, `a packet of more than ${PACKET_MAX_bytes} bytes`);
    } catch (error) {
      // The parser reads beyond the end of some packets that are cut short.
      this.end(POLICY, `that is no MQTT: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #pass(packet: Packet): void {
    // The parser goes on with what it has in hand also when one of its packets was the last.
    if (this.#over) return;
    const passage = this.#options.gate.pass(packet);
    if (passage.to === 'browser') {
      this.#send(encoded(passage.packet));
      if (passage.ends !== undefined) this.end(POLICY, passage.ends);
      return;
    }
    this.#broker ??= this.#connect();
    this.#broker.write(encoded(passage.packet));
    if (this.#broker.writableLength > UNREAD_MOST_bytes) this.end(TRY_AGAIN_LATER, 'the broker reads nothing');
  }

  #connect(): Duplex {
    const broker = this.#options.openBroker();
    broker.on('data', (bytes: Buffer) => {
      clearTimeout(this.#begin);
      this.#send(bytes);
    });
    broker.on('error', (error) => this.end(TRY_AGAIN_LATER, `the broker: ${error.message}`));
    broker.on('close', () => this.end(TRY_AGAIN_LATER));
    return broker;
  }

  #send(bytes: Buffer): void {
    if (this.#over) return;
    this.#options.browser.send(bytes, () => (this.#lively = true));
    this.#options.onBacklog();
  }
}

function encoded(packet: Packet): Buffer {
  return generate(packet, { protocolVersion: 5 });
}
