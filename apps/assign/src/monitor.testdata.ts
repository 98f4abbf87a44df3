import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBroker, MemoryBus, Wire, type Bus, type WillSource } from '@guaita/bus';
import { channels, type Probing } from '@guaita/messages';
import { Health, ManualClock, type Clock, type MonitorContext } from '@guaita/service';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { assignConfig, AssignService } from './index.ts';
import { linksFor } from './links.ts';
import { readLocalNetwork } from './local-network.ts';

const local = { monitor: 'h', hostName: 'h', addresses: ['192.0.2.9'], gateways: [], resolvers: [] };

export interface Host {
  /** Of all monitors of a test; each has a folder of its own below. */
  readonly folder: string;
  readonly clock: Clock;
  readonly makeBus: (clientId: string, will?: WillSource) => Bus;
}

/** A new folder, with a clock that is set by hand and a broker in memory. Whoever makes it takes the folder away. */
export async function memoryHost(): Promise<Host & { readonly clock: ManualClock; readonly broker: MemoryBroker }> {
  const broker = new MemoryBroker();
  return {
    ...{ broker, clock: new ManualClock(), folder: await mkdtemp(join(tmpdir(), 'assign-')) },
    makeBus: (clientId, will) => new MemoryBus(broker, { clientId, ...(will === undefined ? {} : { will }) }),
  };
}

export interface Settings {
  readonly site?: string;
  readonly random?: () => number;
  readonly find?: 'here';
  /** Whether it is its turn to speak to the audience. */
  readonly speaks?: () => boolean;
  /** Fields of the section `assign`. */
  readonly assign?: Readonly<Record<string, unknown>>;
  /** Whether its ping service says that it probes, once at the start. */
  readonly probes?: boolean;
}

/** An assign service that runs, with a ping service that says it probes, and all that it said to its log. */
export async function startMonitor(monitor: string, { folder, clock, makeBus }: Host, settings: Settings = {}) {
  const { site = 'home', random = Math.random, speaks = () => true, probes = true } = settings;
  const lines: string[] = [];
  const log = pino(
    { level: 'info' },
    { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const bus = makeBus(`${monitor}-assign`);
  await bus.start();
  const wire = new Wire(bus, (error) => lines.push(error.message));
  const health = new Health();
  const metrics = new Registry();
  const dataDir = join(folder, monitor);
  await mkdir(dataDir, { recursive: true });
  const listeners = new Set<(speaks: boolean) => void>();
  const context: MonitorContext = {
    ...{ monitor, site, tags: [], dataDir, wire, clock, random, log, metrics, health },
    turn: {
      get speaks() {
        return speaks();
      },
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      monitors: new Set(),
      prefer: () => {},
    },
    connect: ({ purpose, will }) => makeBus(`${monitor}-assign-${purpose}`, will),
    mqtt: { url: 'mqtt://127.0.0.1:1883' },
    http: { names: [], serve: () => () => {} },
  };
  const config = assignConfig.parse({ poll_s: 10, ...settings.assign });
  const service = new AssignService(
    context,
    config,
    settings.find === 'here' ? readLocalNetwork : () => local,
    linksFor,
  );
  /** What a ping service that probes says every 5 s. */
  const sayProbing = (change: Partial<Probing> = {}): void => {
    const at = new Date(clock.now_ms()).toISOString();
    const probing = { at, isolated: false, anchors: [], last_probe_at: at, devices: 0, ...change };
    wire.say(channels.probing, { monitor }, probing);
  };
  await service.start(new AbortController().signal);
  if (probes) sayProbing();
  const stop = async (): Promise<void> => {
    await service.stop();
    await bus.stop();
  };
  const turn = (itIs: boolean): void => listeners.forEach((listener) => listener(itIs));
  return { service, bus, wire, health, metrics, lines, dataDir, sayProbing, stop, turn };
}

export type Monitor = Awaited<ReturnType<typeof startMonitor>>;
