import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MqttBus, Wire } from '@guaita/bus';
import { end, freePort, startMosquitto, tied } from '@guaita/lab';
import { channels } from '@guaita/messages';
import type { Alert } from '@guaita/model';
import { expect, it, onTestFailed, onTestFinished } from 'vitest';
import { makePublisherProcess, startSerfCommunity } from './service.testdata.ts';

/** The alert service as a process of its own, which ends with the test. */
async function startAlert(broker: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'guaita-alert-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const main = new URL('../../alert/src/main.ts', import.meta.url).pathname;
  const port = String(await freePort());
  const flags = ['--broker', broker, '--monitor', 'pi-1', '--data', folder, '--http-port', port];
  const child = tied(spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] }));
  onTestFinished(() => end(child));
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (log += text.toString()));
  onTestFailed(() => void process.stderr.write(log));
}

it(
  'is an alert which services the tag of a real agent has no room for, over when they fit',
  { timeout: 300_000 },
  async () => {
    const broker = await startMosquitto();
    onTestFinished(() => broker.stop());
    const community = await startSerfCommunity();
    onTestFinished(() => community.stop());
    const publisher = await makePublisherProcess(broker.url);
    onTestFinished(() => publisher.stop());
    await startAlert(broker.url);

    const bus = new MqttBus({ url: broker.url, clientId: 'test' });
    const wire = new Wire(bus, (error) => {
      throw error;
    });
    await bus.start();
    onTestFinished(() => bus.stop());
    const alerts: { readonly topic: string; readonly alert: Alert }[] = [];
    const open = new Set<string>();
    await wire.hear(channels.alert, {}, ({ value, message }) => {
      if (value !== undefined) alerts.push({ topic: message.topic, alert: value });
    });
    await wire.hear(channels.openAlert, {}, ({ parameters: { alert }, value }) => {
      if (value === undefined) open.delete(alert);
      else open.add(alert);
    });
    const at = new Date().toISOString();
    wire.say(
      channels.cluster,
      { monitor: 'pi-1' },
      { site: 'home', alive: true, isolated: false, probing: true, devices: 0, at },
    );
    const start = (): Promise<void> =>
      publisher.start({
        address: '192.0.2.1',
        serf: { agent: community.own.rpc, key: community.key, host: 'pi-1.lab' },
      });
    await start();
    await expect.poll(() => publisher.log).toContain('"monitor":"pi-1"');
    // Whoever is not there yet hears no command.
    const name = (index: number): string => `web-${100 + index}`;
    const heard = new Set<string>();
    await wire.hear(channels.foundService, {}, ({ parameters, value }) => {
      if (value === undefined) heard.delete(parameters.name);
      else heard.add(parameters.name);
    });
    await expect
      .poll(() => {
        for (let index = 0; index < 200; index += 1) {
          if (heard.has(name(index))) continue;
          const common = { protocol: 'tcp', description: '', txt: {} } as const;
          wire.say(channels.addService, {}, { ...common, type: 'http', name: name(index), port: 30_000 + index });
        }
        return heard.size;
      })
      .toBe(200);

    await expect.poll(() => alerts.length).toBe(1);
    await expect.poll(async () => (await community.read()).length).toBeGreaterThan(11);
    const { topic, alert } = alerts[0] as { topic: string; alert: Alert };
    expect(topic).toBe('guaita/alert/warning/pi-1');
    expect(alert).toMatchObject({ kind: 'monitor-services-left-out', subject: 'pi-1', resolves: false });
    expect(alert.text).toMatch(
      /^Monitor pi-1 cannot tell of \d+ services? by Serf since .*, as the tags of its agent may have 512 bytes: http\/web-\d+.*; shorten descriptions, tell of fewer services/,
    );
    expect([...open]).toEqual([alert.id]);

    // A restart is no end of it.
    expect(await publisher.end('SIGTERM')).toBe(0);
    await start();
    await expect
      .poll(() => {
        for (let index = 5; index < 200; index += 1) {
          if (heard.has(name(index))) wire.say(channels.removeService, {}, { type: 'http', name: name(index) });
        }
        return heard.size;
      })
      .toBe(5);
    await expect.poll(() => alerts.length).toBe(2);
    expect(alerts[1]?.alert).toMatchObject({
      ...{ id: alert.id, resolves: true },
      text: expect.stringMatching(/^All services of monitor pi-1 fit into its Serf tags again, after /) as string,
    });
    await expect.poll(() => [...open]).toEqual([]);
    await expect.poll(() => community.read()).toHaveLength(5);
  },
);
