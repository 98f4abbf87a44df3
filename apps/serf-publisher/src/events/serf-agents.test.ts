import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MqttBus, Wire } from '@guaita/bus';
import { startMosquitto, startSerfAgent, systemProgram, type Mosquitto, type SerfAgent } from '@guaita/lab';
import { channels } from '@guaita/messages';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePublisherProcess, type PublisherProcess } from '../service.testdata.ts';

const KEY = 'planted-key-of-the-agents';

const run = promisify(execFile);

/** Events go in by Serf's own program at one agent, and come out on MQTT at two publishers with agents of their own. */
describe('user events among real Serf agents', { timeout: 300_000 }, () => {
  let broker: Mosquitto;
  let agents: SerfAgent[];
  let publishers: PublisherProcess[];
  let bus: MqttBus;
  let told: string[];

  beforeEach(async () => {
    broker = await startMosquitto();
    agents = await Promise.all(
      ['pi-1', 'pi-2', 'far'].map((name, index) =>
        startSerfAgent({ name, host: `127.0.0.${index + 1}`, authKey: KEY }),
      ),
    );
    for (const other of [0, 1]) await serf(other, 'join', agents[2]?.gossip ?? '');
    publishers = await Promise.all(['pi-1', 'pi-2'].map((monitor) => makePublisherProcess(broker.url, monitor)));
    told = [];
    bus = new MqttBus({ url: broker.url, clientId: 'test' });
    const wire = new Wire(bus, (error) => {
      throw error;
    });
    await wire.hear(channels.serfEvent, {}, ({ parameters: { name }, value, message }) => {
      expect(message.retain).toBe(false);
      expect(value?.lamport_time).toMatch(/^\d+$/);
      told.push(`${name} ${JSON.stringify([value?.name, value?.payload, value?.encoding])}`);
    });
    await bus.start();
  });
  afterEach(async () => {
    await Promise.all(publishers.map((each) => each.stop()));
    await bus.stop();
    await Promise.all([broker.stop(), ...agents.map((agent) => agent.stop())]);
  });

  function serf(agent: number, command: string, ...args: readonly string[]): Promise<unknown> {
    return run(systemProgram('serf'), [command, `-rpc-addr=${agents[agent]?.rpc}`, `-rpc-auth=${KEY}`, ...args]);
  }

  const send = (name: string, ...payload: string[]): Promise<unknown> =>
    serf(2, 'event', '-coalesce=false', name, ...payload);

  const start = (index: number, ...events: string[]): Promise<void> | undefined =>
    publishers[index]?.start({ address: '192.0.2.1', serf: { agent: agents[index]?.rpc, key: KEY, events } });

  /** Sends an event again and again until the first of them is told: nobody says when a publisher has begun to listen. */
  async function untilToldAfter(name: string): Promise<void> {
    await expect
      .poll(async () => {
        await send(name);
        return told.some((line) => line.startsWith(`${name} `));
      })
      .toBe(true);
  }

  const ofOthers = (): string[] => told.filter((line) => !line.startsWith('probe-'));

  it('are told once, whatever they hold and however they are called, and alerts of Guaita not at all', async () => {
    await start(0, '*');
    await untilToldAfter('probe-1');
    await send('deploy', 'v2 é');
    await send('../guaita/alert/critical/#', '{"id": 1}');
    await send('guaita/alert', '{"id":"0123456789abcdef"}');
    await send('¿?', 'nothing of which a topic can be made');
    await run('sh', [
      '-c',
      `"$0" event -rpc-addr=${agents[2]?.rpc} -rpc-auth=${KEY} -coalesce=false bytes "$(printf '\\377x')"`,
      systemProgram('serf'),
    ]);
    // Agents hand events on in no order.
    for (const name of ['guaita/alert', '¿?', 'bytes']) {
      await expect.poll(() => agents[0]?.log).toContain(`user-event: ${name}`);
    }
    await send('last');
    await expect
      .poll(() => ofOthers().toSorted())
      .toEqual([
        'bytes ["bytes","/3g=","base64"]',
        'deploy ["deploy","v2 é","utf-8"]',
        'guaita-alert-critical ["../guaita/alert/critical/#","{\\"id\\": 1}","utf-8"]',
        'last ["last","","utf-8"]',
      ]);
    expect(publishers[0]?.log).not.toContain(KEY);
    const metrics = await (await fetch(`http://127.0.0.1:${publishers[0]?.httpPort}/metrics`)).text();
    expect(metrics).toContain('guaita_serf_publisher_events_total{result="unfit"} 1');
  });

  it('are told by one of the publishers of a broker, by the other one when that is killed, and where they are wanted', async () => {
    for (const index of [0, 1]) await start(index, 'probe-1', 'probe-2', 'deploy');
    await untilToldAfter('probe-1');
    for (const each of publishers) {
      const isHealthy = async (): Promise<boolean> =>
        (await fetch(`http://127.0.0.1:${each.httpPort}/healthz`).catch(() => undefined))?.ok === true;
      await expect.poll(isHealthy).toBe(true);
    }
    await send('other');
    await send('deploy', '1');
    await expect.poll(() => agents[1]?.log).toContain('user-event: deploy');
    await pause(1_000);
    expect(ofOthers()).toEqual(['deploy ["deploy","1","utf-8"]']);

    await publishers[0]?.end('SIGKILL');
    told = [];
    await untilToldAfter('probe-2');
    await send('deploy', '2');
    await expect.poll(ofOthers).toEqual(['deploy ["deploy","2","utf-8"]']);
  });
});
