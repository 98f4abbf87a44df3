import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MqttBus, type IncomingMessage, type OutgoingMessage } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { expect } from 'vitest';
import { EmbeddedBroker, type BrokerUser } from '../broker/index.ts';
import { connectPeer, PeerPush } from './index.ts';

/** A loaded machine and a reconnection may take some seconds. */
export const PATIENCE = { timeout: 60_000, interval: 20 };

export const SILENT = { debug: () => {}, info: () => {}, warn: () => {} };

/** The users of the brokers: a host's own services, and its peers by their names. */
export const TOKENS: Readonly<Record<string, string>> = Object.fromEntries(
  ['services', 'one', 'two', 'three'].map((name) => [name, name.padEnd(32, 'x')]),
);

/** What is to be done after a test, the last first. */
export const releases: (() => Promise<unknown>)[] = [];

/** A monitor with a broker of its own: its services, and its peers, each with a user of its own. */
export class Host {
  readonly monitor: string;
  /** Free at its first start, and the same after that. */
  port = 0;
  readonly #folder: string;
  #broker: EmbeddedBroker | undefined;
  readonly heard: IncomingMessage[] = [];
  #services: MqttBus | undefined;
  push: PeerPush | undefined;
  readonly peers = new Map<string, MqttBus>();

  constructor(monitor: string, folder: string) {
    this.monitor = monitor;
    this.#folder = folder;
  }

  get services(): MqttBus {
    if (this.#services === undefined) throw new Error('not started');
    return this.#services;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async startBroker(): Promise<void> {
    const peers = ['one', 'two', 'three'].filter((name) => name !== this.monitor);
    const users: BrokerUser[] = [
      { name: 'services', token: TOKENS['services'] ?? '', read: ['#'], write: ['#'] },
      ...peers.map((name) => ({ name, token: TOKENS[name] ?? '', read: [], write: [`guaita/monitor/${name}/#`] })),
    ];
    const { port, monitor } = this;
    this.#broker = new EmbeddedBroker({ port, users, data: this.#folder, monitor, log: SILENT });
    await this.#broker.start();
    this.port = this.#broker.port;
  }

  async stopBroker({ empty = false } = {}): Promise<void> {
    await this.#broker?.stop();
    if (empty) await rm(this.#folder, { recursive: true, force: true });
  }

  connect(clientId: string): MqttBus {
    const user = { username: 'services', password: TOKENS['services'] ?? '' };
    const retry = { first_ms: 100, most_ms: 500 };
    const bus = new MqttBus({ url: this.url, clientId, ...user, retry, gather_ms: 0, log: () => {} });
    releases.push(() => bus.stop(200));
    return bus;
  }

  async start(): Promise<void> {
    await this.startBroker();
    releases.push(() => this.stopBroker({ empty: true }));
    const bus = this.connect(`services-${this.monitor}`);
    await bus.start();
    await bus.subscribe('#', (message) => this.heard.push(message));
    this.#services = bus;
  }

  async startPush(peers: Readonly<Record<string, string>>, outboxLimit?: number): Promise<PeerPush> {
    const { monitor } = this;
    for (const [name, url] of Object.entries(peers)) {
      const address = { url, username: monitor, password: TOKENS[monitor] ?? '' };
      const clientId = `${monitor}-push`;
      const small = { ...address, clientId, stateLimit: 0, patient: true, log: () => {} };
      this.peers.set(
        name,
        outboxLimit === undefined
          ? connectPeer(name, address, clientId, () => {})
          : new MqttBus({ ...small, outboxLimit }),
      );
    }
    const push = new PeerPush({
      ...{ monitor, base: 'guaita', log: SILENT },
      ...{ own: this.connect(`push-${monitor}`), peers: this.peers },
    });
    releases.push(() => push.stop());
    await push.start(AbortSignal.timeout(60_000));
    this.push = push;
    return push;
  }

  /** The newest payload of each topic that it has heard, of one monitor. */
  knows(monitor: string): Record<string, string> {
    const root = `guaita/monitor/${monitor}/`;
    const messages = this.heard.filter(({ topic }) => topic.startsWith(root));
    return Object.fromEntries(messages.map(({ topic, payload }) => [topic.slice(root.length), String(payload)]));
  }

  /** What a newcomer to its broker gets. */
  async retained(): Promise<Record<string, string>> {
    const bus = this.connect(`late-${Math.random().toString(36).slice(2)}`);
    await bus.start();
    const heard: IncomingMessage[] = [];
    await bus.subscribe('guaita/#', (message) => heard.push(message));
    await pause(300);
    await bus.stop();
    return Object.fromEntries(heard.map(({ topic, payload }) => [topic.slice('guaita/'.length), String(payload)]));
  }
}

/** Starts a host. */
export async function host(monitor: string): Promise<Host> {
  const made = new Host(monitor, await mkdtemp(join(tmpdir(), 'peer-')));
  await made.start();
  return made;
}

/** Starts three hosts that push to one another, and have heard what was stored before. */
export async function site(): Promise<[Host, Host, Host]> {
  const hosts: [Host, Host, Host] = [await host('one'), await host('two'), await host('three')];
  // Stored before anybody pushes: who hears it has been given what was stored, and what is said from then on comes once.
  for (const { monitor, services } of hosts) services.publish(said(`monitor/${monitor}/claims/ff`, '"stored"'));
  await Promise.all(hosts.map(({ services }) => services.flushed()));
  for (const each of hosts) {
    const others = hosts.filter((other) => other !== each);
    await each.startPush(Object.fromEntries(others.map((other) => [other.monitor, other.url])));
  }
  for (const payload of ['"stored"', '']) {
    for (const { monitor, services } of hosts) {
      if (payload === '') services.publish(said(`monitor/${monitor}/claims/ff`, payload));
      const known = (): unknown => hosts.map((each) => expect(each.knows(monitor)).toEqual({ 'claims/ff': payload }));
      await eventually(known);
    }
  }
  for (const { heard } of hosts) heard.length = 0;
  return hosts;
}

/** A retained message below the base topic. */
export function said(topic: string, payload = '{"n":1}', more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return { topic: `guaita/${topic}`, payload, qos: 1, retain: true, ...more };
}
