import { z } from 'zod';
import { JsonApi } from '../http/json-api.ts';
import { engineEntrance, mendOfEngine, type EngineAddress } from './engine-address.ts';

const Port = z.object({
  Protocol: z.string().default('tcp'),
  TargetPort: z.number().default(0),
  PublishedPort: z.number().default(0),
  PublishMode: z.string().default('ingress'),
});
export type EnginePort = z.output<typeof Port>;

const Ports = z.array(Port).nullish();

/** What is read of a service; Docker leaves out what is empty. */
const EngineService = z.object({
  ID: z.string(),
  Spec: z.object({
    Name: z.string(),
    Labels: z.record(z.string(), z.string()).nullish(),
    Mode: z.object({ Replicated: z.object({ Replicas: z.number().nullish() }).nullish() }).nullish(),
    EndpointSpec: z.object({ Ports }).nullish(),
  }),
  Endpoint: z.object({ Ports }).nullish(),
});
export type EngineService = z.output<typeof EngineService>;

/** What is read of a task: one container of a service. */
const EngineTask = z.object({
  ServiceID: z.string(),
  NodeID: z.string().default(''),
  Status: z.object({ State: z.string().default(''), PortStatus: z.object({ Ports }).nullish() }),
});
export type EngineTask = z.output<typeof EngineTask>;

const EngineNode = z.object({ ID: z.string(), Status: z.object({ Addr: z.string().default('') }).nullish() });
export type EngineNode = z.output<typeof EngineNode>;

const Info = z.object({
  Swarm: z.object({ NodeID: z.string().default(''), NodeAddr: z.string().default('') }).nullish(),
});

const EngineEvent = z.object({
  Type: z.string(),
  Actor: z.object({ Attributes: z.record(z.string(), z.string()).nullish() }).nullish(),
});

const Version = z.object({ ApiVersion: z.string().regex(/^\d+\.\d+$/) });

/** The newest version whose answers are known to be as they are read here; engines talk older ones, too. */
const NEWEST_VERSION = '1.50';

/** An engine answers a list in milliseconds; one on a loaded Pi takes seconds. */
const TIMEOUT_ms = 10_000;

/** A stream of events may be silent for days: that one is dead shows in the lists that are asked for meanwhile. */
const SILENCE_ms = 2 ** 31 - 1;

/** Containers that are no part of a service say nothing of services. */
const CONTAINER_OF_SERVICE = 'com.docker.swarm.service.id';

const EVENTS = JSON.stringify({
  type: ['service', 'node', 'container'],
  event: ['create', 'update', 'remove', 'start', 'die'],
});

/** The parts of Docker's engine API that tell of a Swarm's services. */
export class EngineApi {
  readonly #api: JsonApi;
  /** Stands before each path: requests without a version are deprecated. */
  #version = '';

  constructor(address: EngineAddress) {
    this.#api = new JsonApi({
      what: `Docker at ${address.url}`,
      entrance: () => engineEntrance(address),
      mend: (failure) => mendOfEngine(failure, address),
      timeout_ms: TIMEOUT_ms,
      silence_ms: SILENCE_ms,
    });
  }

  /** Agrees on a version of the API; before anything else is asked. */
  async agree(signal: AbortSignal): Promise<void> {
    const { ApiVersion } = await this.#api.get('/version', Version, signal);
    this.#version = `/v${older(ApiVersion, NEWEST_VERSION)}`;
  }

  services(signal: AbortSignal): Promise<EngineService[]> {
    return this.#get('/services', z.array(EngineService), signal);
  }

  /** Those that are meant to run. */
  tasks(signal: AbortSignal): Promise<EngineTask[]> {
    const filters = encodeURIComponent(JSON.stringify({ 'desired-state': ['running'] }));
    return this.#get(`/tasks?filters=${filters}`, z.array(EngineTask), signal);
  }

  nodes(signal: AbortSignal): Promise<EngineNode[]> {
    return this.#get('/nodes', z.array(EngineNode), signal);
  }

  /** The node that is asked: its id, and its address as the others know it. */
  async self(signal: AbortSignal): Promise<{ readonly node: string; readonly address: string }> {
    const { Swarm } = await this.#get('/info', Info, signal);
    return { node: Swarm?.NodeID ?? '', address: Swarm?.NodeAddr ?? '' };
  }

  /** Begins to listen; each value given is a moment at which services may have changed. */
  async changes(signal: AbortSignal): Promise<AsyncGenerator<void, void>> {
    const events = await this.#api.stream(`${this.#version}/events?filters=${encodeURIComponent(EVENTS)}`, signal);
    return this.#changes(events);
  }

  async *#changes(events: AsyncGenerator<unknown, void>): AsyncGenerator<void, void> {
    for await (const value of events) {
      const { data } = EngineEvent.safeParse(value);
      // What is not understood may be a change, too.
      if (data?.Type === 'container' && !(CONTAINER_OF_SERVICE in (data.Actor?.Attributes ?? {}))) continue;
      yield;
    }
  }

  #get<Value>(path: string, schema: z.ZodType<Value>, signal: AbortSignal): Promise<Value> {
    return this.#api.get(`${this.#version}${path}`, schema, signal);
  }
}

/** The older of two versions, each two numbers with a dot between. */
function older(one: string, other: string): string {
  const [[major = 0, minor = 0], [theirMajor = 0, theirMinor = 0]] = [one, other].map((text) =>
    text.split('.').map(Number),
  ) as [number[], number[]];
  return major < theirMajor || (major === theirMajor && minor < theirMinor) ? one : other;
}
