import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MqttBus, Wire, type IncomingMessage } from '@guaita/bus';
import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { Health, ManualClock, type MonitorContext } from '@guaita/service';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeviceDiscovery, DISCOVERY_TOPIC } from './documented.testdata.ts';
import { HomeAssistant } from './home-assistant.ts';

let folder: string;
let broker: Mosquitto;
let buses: MqttBus[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'home-assistant-'));
  broker = await startMosquitto();
  buses = [];
});

afterEach(async () => {
  await Promise.all(buses.map((bus) => bus.stop(500)));
  await broker.stop();
  await rm(folder, { recursive: true });
});

async function connect(clientId: string): Promise<Wire> {
  const bus = new MqttBus({ url: broker.url, clientId, log: () => {}, retry: { first_ms: 50, most_ms: 200 } });
  buses.push(bus);
  await bus.start();
  return new Wire(bus, () => undefined);
}

it('a real broker keeps what Home Assistant is told, and its birth brings it again', async () => {
  const wire = await connect('alert');
  const clock = new ManualClock();
  const context = {
    ...{
      monitor: 'pi-1',
      site: 'home',
      tags: [],
      dataDir: folder,
      wire,
      clock,
      random: () => 0.5,
      health: new Health(),
    },
    log: pino({ level: 'silent' }),
  } as unknown as MonitorContext;
  const homeAssistant = new HomeAssistant(context, { enabled: true, prefix: 'homeassistant' }, () => true);
  await homeAssistant.start();
  const spec = {
    ...{ device: 'ap.attic', name: 'Attic AP', addresses: ['192.0.2.7'], parents: [], tags: [], source: 'a test' },
    ...{ monitors: ['pi-1'], checks: { ping: { interval_s: 60 } } },
  };
  const payload = new TextEncoder().encode(JSON.stringify(spec));
  homeAssistant.spec('ap.attic', channels.spec.decode('a topic', payload));

  const heard: IncomingMessage[] = [];
  const home = await connect('home-assistant');
  await eventually(() => expect(wire.bus.outbox.waiting).toBe(0));
  await home.bus.subscribe('homeassistant/#', (message) => {
    if (message.topic.endsWith('/config')) heard.push(message);
  });
  await eventually(() => expect(heard).toHaveLength(1));
  expect(heard[0]?.topic).toMatch(DISCOVERY_TOPIC);
  const told = DeviceDiscovery.parse(JSON.parse(new TextDecoder().decode(heard[0]?.payload)));
  expect(told.device).toEqual({ identifiers: ['guaita_ap_-attic'], name: 'Attic AP' });

  const born = ['-V', '5', '-p', String(broker.port), '-t', 'homeassistant/status', '-m', 'online'];
  execFileSync('mosquitto_pub', born);
  await eventually(async () => {
    await clock.advance(1000);
    expect(heard).toHaveLength(2);
  });
  expect(heard[1]?.payload).toEqual(heard[0]?.payload);

  homeAssistant.spec('ap.attic', undefined);
  await eventually(() => expect(heard.at(-1)?.payload).toHaveLength(0));
  await homeAssistant.stop();
}, 60_000);
