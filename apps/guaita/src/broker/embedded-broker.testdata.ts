import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MqttBus, type MqttBusOptions, type OutgoingMessage } from '@guaita/bus';
import { eventually } from '@guaita/lab/eventually';
import { expect } from 'vitest';
import { EmbeddedBroker, type EmbeddedBrokerOptions } from './embedded-broker.ts';

/** A loaded machine may take so long for what is otherwise there at once. */
export const PATIENCE_ms = 20_000;

/** The brokers and clients of one test, and the folder that they keep their state in. */
export class BrokerStage {
  #folder: string | undefined;
  readonly warnings: string[] = [];
  readonly #folders: string[] = [];
  readonly #brokers: EmbeddedBroker[] = [];
  readonly #buses: MqttBus[] = [];

  get folder(): string {
    if (this.#folder === undefined) throw new Error('no test runs');
    return this.#folder;
  }

  /** What a broker of `folder` keeps. */
  get file(): string {
    return fileIn(this.folder);
  }

  async open(): Promise<void> {
    this.#folder = await this.#makeFolder();
    this.warnings.length = 0;
  }

  async close(): Promise<void> {
    await Promise.all(this.#buses.splice(0).map((bus) => bus.stop(100)));
    await Promise.all(this.#brokers.splice(0).map((broker) => broker.stop()));
    await Promise.all(this.#folders.splice(0).map((folder) => rm(folder, { recursive: true })));
  }

  readonly make = (options: Partial<EmbeddedBrokerOptions> = {}): EmbeddedBroker => {
    const log = { debug: () => {}, info: () => {}, warn: (message: string) => void this.warnings.push(message) };
    const broker = new EmbeddedBroker({ port: 0, data: this.folder, monitor: 'one', log, ...options });
    this.#brokers.push(broker);
    return broker;
  };

  readonly started = async (options: Partial<EmbeddedBrokerOptions> = {}): Promise<EmbeddedBroker> => {
    const broker = this.make(options);
    await broker.start();
    return broker;
  };

  /** As after a kill of the first broker: another starts with the file as it is now. */
  readonly startedAfterKill = async (): Promise<EmbeddedBroker> => {
    const data = await this.#makeFolder();
    await mkdir(dirname(fileIn(data)));
    await writeFile(fileIn(data), await readFile(this.file));
    return await this.started({ data });
  };

  readonly makeBus = (broker: EmbeddedBroker, options: Partial<MqttBusOptions> = {}): MqttBus => {
    const clientId = `client-${this.#buses.length}`;
    const bus = new MqttBus({ url: broker.url, clientId, log: () => {}, ...options });
    this.#buses.push(bus);
    return bus;
  };

  readonly client = async (broker: EmbeddedBroker, options: Partial<MqttBusOptions> = {}): Promise<MqttBus> => {
    const bus = this.makeBus(broker, options);
    await bus.start(AbortSignal.timeout(PATIENCE_ms));
    return bus;
  };

  /** The topics of all retained messages under a filter, once `expected` have come. */
  readonly retained = async (broker: EmbeddedBroker, filter: string, expected: number): Promise<string[]> => {
    const topics: string[] = [];
    await (await this.client(broker)).subscribe(filter, ({ topic }) => topics.push(topic));
    await eventually(() => expect(topics.length).toBeGreaterThanOrEqual(expected));
    return topics.sort();
  };

  async #makeFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'broker-'));
    this.#folders.push(folder);
    return folder;
  }
}

function fileIn(data: string): string {
  return join(data, 'broker', 'broker.jsonl');
}

/** A retained message at QoS 1. */
export function state(topic: string, payload: string): OutgoingMessage {
  return { topic, payload, qos: 1, retain: true };
}
