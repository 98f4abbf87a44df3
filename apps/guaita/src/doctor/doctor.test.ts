import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { startMosquitto } from '@guaita/lab';
import { commonShape } from '@guaita/service';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { examine, renderFindings } from './finding.ts';
import { checkBroker } from './broker.ts';
import { checkData, checkFping, checkNode } from './host.ts';
import { checkPort } from './network.ts';
import { checkOwnBroker } from './own-broker.ts';

const common = z.object(commonShape('lab')).parse({});

describe('the doctor', { timeout: 20_000 }, () => {
  it('finds fping and that it may send ICMP', async () => {
    expect(await checkFping()).toEqual([
      { check: 'fping', level: 'ok', detail: expect.stringMatching(/^fping \d+\.\d+$/) as string },
      { check: 'icmp', level: 'ok', detail: 'ICMP may be sent and is answered on loopback' },
    ]);
  });

  it('tells a Node that is too old', async () => {
    expect(await checkNode('v20.1.0')()).toMatchObject([{ level: 'failure', detail: 'Node v20.1.0 is older than 24' }]);
    expect(await checkNode('v24.1.0')()).toMatchObject([{ level: 'ok' }]);
  });

  it('tells a port that somebody holds, and the flag for another', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await checkPort('mqtt port', '127.0.0.1', port, '--mqtt-port')()).toMatchObject([
      {
        level: 'warning',
        detail: `port ${port} on 127.0.0.1 is in use`,
        mend: expect.stringContaining('--mqtt-port') as string,
      },
    ]);
    await new Promise((resolve) => server.close(resolve));
    expect(await checkPort('mqtt port', '127.0.0.1', port, '--mqtt-port')()).toMatchObject([{ level: 'ok' }]);
  });

  it('refuses to bring a broker beyond this host without users, as `guaita up` does', async () => {
    const mqtt = { url: 'mqtt://127.0.0.1:1' };
    const broker = { host: '0.0.0.0', port: 0, users: {} };
    expect(await checkOwnBroker(broker, { ...common, mqtt }, Math.random)()).toMatchObject([
      { level: 'failure', detail: expect.stringContaining('0.0.0.0 without users') as string },
    ]);
    const local = { ...broker, host: '127.0.0.1' };
    expect(await checkOwnBroker(local, { ...common, mqtt }, Math.random)()).toMatchObject([{ level: 'ok' }]);
  });

  it('lets a broker on the port be that lets us in, and warns of anything else there', async () => {
    const mosquitto = await startMosquitto();
    const port = Number(new URL(mosquitto.url).port);
    const broker = { host: '127.0.0.1', port, users: {} };
    const look = checkOwnBroker(broker, { ...common, mqtt: { url: mosquitto.url } }, Math.random);
    expect(await look()).toMatchObject([{ level: 'ok', detail: expect.stringContaining('lets us in') as string }]);
    await mosquitto.stop();

    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect(await look()).toMatchObject([
      {
        level: 'warning',
        detail: expect.stringContaining('is no broker for us') as string,
        mend: expect.stringContaining('--mqtt-port') as string,
      },
    ]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('finds a broker by its Unix socket', async () => {
    const mosquitto = await startMosquitto({ unixSocket: true });
    const mqtt = z.object(commonShape('lab')).parse({ mqtt: { url: mosquitto.socketUrl } }).mqtt;
    const look = checkBroker({ ...common, mqtt }, Math.random);
    expect(await look()).toMatchObject([{ level: 'ok', detail: expect.stringContaining(mosquitto.socket) as string }]);
    await mosquitto.stop();
    expect(await look()).toMatchObject([{ level: 'failure', detail: expect.stringContaining('gave up') as string }]);
  });

  it('tells a data folder that cannot be one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'guaita-doctor-'));
    try {
      await writeFile(join(folder, 'file'), '');
      expect(await checkData(join(folder, 'new'))()).toMatchObject([{ level: 'ok' }]);
      expect(await checkData(join(folder, 'file'))()).toMatchObject([
        { level: 'failure', mend: expect.stringContaining('--data') as string },
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('goes on after a check that fails by itself', async () => {
    const findings = await examine({
      broken: () => Promise.reject(new Error('boom')),
      fine: () => Promise.resolve([{ check: 'fine', level: 'ok', detail: 'is fine' }]),
    });
    expect(findings.map(({ check, level }) => `${check} ${level}`)).toEqual(['broken failure', 'fine ok']);
  });

  it('prints what to do below what it found', () => {
    expect(
      renderFindings([
        { check: 'node', level: 'ok', detail: 'Node v24' },
        { check: 'fping', level: 'warning', detail: 'is not installed', mend: 'install it' },
      ]),
    ).toEqual(['ok       node   Node v24', 'warning  fping  is not installed', '                → install it']);
  });
});
