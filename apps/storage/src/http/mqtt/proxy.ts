import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Id } from '@guaita/model';
import type { CommonConfig } from '@guaita/service';
import type { Logger } from 'pino';
import { WebSocketServer, type WebSocket } from 'ws';
import { HttpProblem } from '../problem.ts';
import { tooFarBehind } from './backlogs.ts';
import { openBrokerStream } from './broker-stream.ts';
import { Gate } from './gate.ts';
import { PACKET_MAX_bytes, Passage } from './passage.ts';

/** Pages that are open at once, wall displays among them. */
const PAGES_MOST = 64;

/** A page whose host has gone without a goodbye is noticed within two of these. */
const PROBE_ms = 30_000;

/** Random bits in a client id: two pages never meet. */
const CLIENT_ID_bytes = 9;

const GOING_AWAY = 1001;

export interface MqttProxyOptions {
  readonly monitor: Id;
  readonly base: string;
  readonly mqtt: CommonConfig['mqtt'];
  readonly log: Logger;
}

/** Lets pages speak MQTT over WebSocket with the monitor's broker, as far as `Gate` says. */
export class MqttProxy {
  readonly #options: MqttProxyOptions;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: PACKET_MAX_bytes,
    // What is said is small, and deflating it for each page costs a Pi more than the line saves.
    perMessageDeflate: false,
    handleProtocols: (protocols) => (protocols.has('mqtt') ? 'mqtt' : false),
  });
  readonly #passages = new Map<WebSocket, Passage>();
  #probing: NodeJS.Timeout | undefined;

  constructor(options: MqttProxyOptions) {
    this.#options = options;
  }

  start(): void {
    this.#probing = setInterval(() => {
      for (const passage of this.#passages.values()) passage.probe();
    }, PROBE_ms);
  }

  stop(): void {
    clearInterval(this.#probing);
    for (const passage of this.#passages.values()) passage.end(GOING_AWAY, 'the monitor stops');
    for (const browser of this.#passages.keys()) browser.terminate();
  }

  /**
   * Makes a WebSocket of a connection; who asks has been let in.
   *
   * @throws {HttpProblem} when there is no room for one more.
   */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#passages.size >= PAGES_MOST) {
      throw new HttpProblem(503, `${PAGES_MOST} pages are open already; close one`, { 'retry-after': '30' });
    }
    this.#sockets.handleUpgrade(request, socket, head, (browser) => {
      const { monitor, base, mqtt, log } = this.#options;
      const { username, password } = mqtt;
      const clientId = `${base.replaceAll('/', '-')}-${monitor}-page-${randomBytes(CLIENT_ID_bytes).toString('hex')}`;
      const passage = new Passage({
        browser,
        gate: new Gate({ base, clientId, username, password }),
        openBroker: () => openBrokerStream(mqtt),
        onTrouble: (why) => log.debug(`the page of ${request.socket.remoteAddress}: ${why}`),
        onBacklog: () => this.#boundBacklogs(),
      });
      this.#passages.set(browser, passage);
      browser.once('close', () => this.#passages.delete(browser));
      passage.open();
    });
  }

  #boundBacklogs(): void {
    for (const browser of tooFarBehind(this.#passages.keys())) {
      this.#passages.get(browser)?.cut('the page reads too slowly');
    }
  }
}
