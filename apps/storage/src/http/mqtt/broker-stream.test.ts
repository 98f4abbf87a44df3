import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { generate } from 'mqtt-packet';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { openBrokerStream } from './broker-stream.ts';

const CONNECT = generate({ cmd: 'connect', protocolVersion: 5, clientId: 'x', clean: true, keepalive: 0 });
const CONNACK = 0x20;

let folder: string;
let broker: Mosquitto;
let secure: Mosquitto;

/** Two brokers, one of them with a certificate for `localhost` that it has signed itself. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tls-'));
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => join(folder, name)) as [string, string];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate];
  execFileSync('openssl', [...made, ...subject], { stdio: 'pipe' });
  const config = ['allow_anonymous true', `certfile ${certificate}`, `keyfile ${key}`].join('\n');
  [broker, secure] = await Promise.all([startMosquitto({ unixSocket: true }), startMosquitto({ config })]);
}, 60_000);
afterAll(async () => {
  await Promise.all([broker.stop(), secure.stop()]);
  await rm(folder, { recursive: true });
});

/** The first byte of what a broker answers to a CONNECT. */
async function answerOf(mqtt: Parameters<typeof openBrokerStream>[0]): Promise<number | undefined> {
  const stream = openBrokerStream(mqtt);
  try {
    stream.write(CONNECT);
    const [answer] = (await once(stream, 'data')) as [Buffer];
    return answer[0];
  } finally {
    stream.destroy();
  }
}

it('reaches a broker in the clear', async () => {
  expect(await answerOf({ url: broker.url })).toBe(CONNACK);
});

it('reaches one through its Unix socket', async () => {
  expect(await answerOf({ url: broker.socketUrl })).toBe(CONNACK);
  await expect(answerOf({ url: 'mqtt+unix:///no/such.sock' })).rejects.toThrow('ENOENT');
});

it('reaches one by TLS whose authority is known, and no other', async () => {
  const url = `mqtts://localhost:${secure.port}`;
  expect(await answerOf({ url, ca_file: join(folder, 'certificate.pem') })).toBe(CONNACK);
  await expect(answerOf({ url })).rejects.toThrow('self-signed certificate');
  await expect(
    answerOf({ url: `mqtts://127.0.0.1:${secure.port}`, ca_file: join(folder, 'certificate.pem') }),
  ).rejects.toThrow(/altnames/);
});

it('reaches one by WebSocket, in MQTT’s own subprotocol', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('message', () => socket.send(Buffer.from(socket.protocol))));
  const { port } = server.address() as AddressInfo;
  expect(await answerOf({ url: `ws://127.0.0.1:${port}/mqtt` })).toBe('mqtt'.charCodeAt(0));
  server.close();
});

it('says why where there is none', async () => {
  await expect(answerOf({ url: 'mqtt://127.0.0.1:1' })).rejects.toThrow('ECONNREFUSED');
  await expect(answerOf({ url: 'ws://127.0.0.1:1' })).rejects.toThrow('ECONNREFUSED');
  expect(() => openBrokerStream({ url: 'mqtts://localhost', ca_file: '/no/such.pem' })).toThrow(
    'cannot read mqtt.ca_file',
  );
});
