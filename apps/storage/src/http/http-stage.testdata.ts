import { request as requestPlain, type IncomingHttpHeaders } from 'node:http';
import { request as requestTls } from 'node:https';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBroker, MemoryBus, MqttBus, Wire, type Bus, type IncomingMessage } from '@guaita/bus';
import { selfSigned } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels, DeviceSpec, type Channel, type Reply } from '@guaita/messages';
import type { Id, Verdict } from '@guaita/model';
import { createMetrics, HealthBoard, HttpEndpoint, ManualClock, type CommonConfig } from '@guaita/service';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import type { z } from 'zod';
import { makeToken, type Role, type TokensConfig } from './access/tokens.ts';
import { MemoryHistory } from './history-queries.testdata.ts';
import { HttpServer } from './http-server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const CLIENT_ID = 'storage';

/** Whom TLS is to lead to, whatever host the request is for. */
const TO_US = { servername: 'localhost' };

export interface StageOptions {
  /** Names and roles; without any there are no tokens. */
  readonly tokens?: Readonly<Record<string, Role>>;
  readonly allowedHosts?: readonly string[];
  /** Default: a broker in memory. */
  readonly mqtt?: CommonConfig['mqtt'];
  readonly page?: string;
  /** Whether it has a certificate, and so speaks TLS. */
  readonly tls?: boolean;
}

/** A page server as in production, at a port of its own, with a history in memory. */
export class HttpStage {
  readonly history = new MemoryHistory();
  readonly clock = new ManualClock(Date.UTC(2026, 2, 1, 12));
  readonly lines: string[] = [];
  /** Whom to trust, where it speaks TLS. */
  ca: Buffer | undefined;
  readonly #tokens = new Map<string, string>();
  readonly #releases: (() => Promise<unknown>)[] = [];
  readonly #broker = new MemoryBroker();
  #wire: Wire | undefined;
  #endpoint: HttpEndpoint | undefined;

  private constructor() {}

  /** One that serves, until the test has ended. */
  static async begin(options?: StageOptions): Promise<HttpStage> {
    const stage = new HttpStage();
    onTestFinished(() => stage.close());
    await stage.#open(options);
    return stage;
  }

  async #open({ tokens = {}, allowedHosts = [], mqtt, page, tls = false }: StageOptions = {}): Promise<void> {
    const config: TokensConfig = {};
    for (const [name, role] of Object.entries(tokens)) {
      const { token, sha256 } = makeToken();
      this.#tokens.set(name, token);
      config[name] = { role, sha256 };
    }
    this.#wire = new Wire(await this.#bus(mqtt), (error) => this.lines.push(error.message));
    const files = tls ? await selfSigned(await this.folder()) : undefined;
    if (files !== undefined) this.ca = await readFile(files.cert_file);
    const http = { host: '127.0.0.1', port: 0, allowed_hosts: [...allowedHosts], ...files };
    const metrics = createMetrics();
    const log = pino({ level: 'debug' }, { write: (line: string) => void this.lines.push(line) });
    const endpoint = new HttpEndpoint({ config: http, metrics, health: new HealthBoard(), clock: this.clock, log });
    this.#endpoint = endpoint;
    await endpoint.start();
    this.#releases.unshift(() => endpoint.stop());
    const server = new HttpServer({
      context: {
        ...{ monitor: 'pi-1', wire: this.wire, clock: this.clock, log, http: endpoint, metrics },
        mqtt: mqtt ?? { url: 'mqtt://127.0.0.1:1' },
      },
      ...{ tokens: config, history: this.history, page: page ?? '/nowhere/at/all' },
    });
    this.#releases.unshift(() => server.stop());
    await server.start();
  }

  /** Ends it before the test has. */
  async close(): Promise<void> {
    for (const release of this.#releases.splice(0)) await release();
  }

  get wire(): Wire {
    if (this.#wire === undefined) throw new Error('no test runs');
    return this.#wire;
  }

  get port(): number {
    return this.#endpoint?.port ?? 0;
  }

  /** Where its page is, by `http:` or, for WebSockets, `ws:`, or what each is by TLS. */
  origin(by: 'http' | 'ws' = 'http'): string {
    return `${by}${this.ca === undefined ? '' : 's'}://127.0.0.1:${this.port}`;
  }

  /** The token of somebody. */
  token(name: string): string {
    return this.#tokens.get(name) ?? '';
  }

  /** Headers by which somebody comes in. */
  as(name: string): Record<string, string> {
    return { authorization: `Bearer ${this.token(name)}` };
  }

  readonly ask = (
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
    body?: string,
  ): Promise<Answer> => {
    return new Promise((resolve, reject) => {
      const { ca, port } = this;
      const request = ca === undefined ? requestPlain : requestTls;
      const asked = request({ host: '127.0.0.1', port, path, method, headers, ca, ...TO_US }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        response.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  };

  readonly post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    this.ask(path, { 'content-type': 'application/json', ...headers }, 'POST', JSON.stringify(body));

  /** A device as assign says it, and what alert says of it. */
  say(device: Id, spec: Partial<DeviceSpec> = {}, state?: Verdict['state']): void {
    const whole = {
      device,
      name: device,
      addresses: ['192.0.2.1'],
      checks: {},
      source: 'a file',
      monitors: [],
      ...spec,
    };
    this.wire.say(channels.spec, { device }, DeviceSpec.parse(whole));
    if (state === undefined) return;
    const since = '2026-03-01T11:00:00.000Z';
    this.wire.say(channels.state, { device }, { state, since, reason: `it is ${state}`, episode: 0, seen_by: [] });
  }

  /** A monitor that answers one kind of command; gives the payloads that it was given. */
  async obey(channel: Channel<string, z.ZodType>, reply: Reply | undefined): Promise<unknown[]> {
    const bus = new MemoryBus(this.#broker);
    await bus.start();
    this.#releases.unshift(() => bus.stop());
    const monitor = new Wire(bus, (error) => this.lines.push(error.message));
    const heard: unknown[] = [];
    await bus.subscribe(channel.filter(monitor.base), (message: IncomingMessage) => {
      heard.push(JSON.parse(Buffer.from(message.payload).toString()));
      if (reply !== undefined) monitor.reply(message, reply);
    });
    return heard;
  }

  /** Keeps the server from the broker in memory while something happens there. */
  async interrupt(happen: (broker: Bus) => Promise<void> | void): Promise<void> {
    this.#broker.bar(CLIENT_ID);
    await eventually(() => expect(this.wire.bus.connected).toBe(false));
    const other = new MemoryBus(this.#broker);
    await other.start();
    await happen(other);
    await other.stop();
    this.#broker.admit(CLIENT_ID);
    await eventually(() => expect(this.wire.bus.connected).toBe(true));
  }

  /** A new folder, gone at the end. */
  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'page-'));
    this.#releases.push(() => rm(folder, { recursive: true }));
    return folder;
  }

  async #bus(mqtt: CommonConfig['mqtt'] | undefined): Promise<Bus> {
    const { url, username, password } = mqtt ?? {};
    const user = { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
    const bus =
      url === undefined
        ? new MemoryBus(this.#broker, { clientId: CLIENT_ID, retry: { first_ms: 10, most_ms: 10 } })
        : new MqttBus({ url, clientId: CLIENT_ID, log: () => {}, ...user });
    this.#releases.unshift(() => bus.stop(100));
    await bus.start();
    return bus;
  }
}
