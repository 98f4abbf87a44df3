import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { mosquittoAcl, readSite, siteHost } from '@guaita/site';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { generate, type IDisconnectPacket } from 'mqtt-packet';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { WebSocket } from 'ws';
import { HttpStage } from '../http-stage.testdata.ts';

/** As the stage calls it. */
const MONITOR = 'pi-1';

const DEPLOY = fileURLToPath(new URL('../../../../../deploy/mosquitto/', import.meta.url));

const PATIENCE_ms = 20_000;

const TOPIC = channels.state.topic('guaita', { device: 'router' });
const FILTER = channels.state.filter('guaita');

let folder: string;
let broker: Mosquitto;
let stage: HttpStage;
const clients: MqttClient[] = [];
const sockets: WebSocket[] = [];

/** Mosquitto as it is composed, where everybody needs a user and has his rights. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  execFileSync(process.execPath, [join(DEPLOY, 'make-secrets.mjs'), folder]);
  const site = readSite(`site: home\nhosts: { ${MONITOR}: { address: 127.0.0.1 } }`);
  await writeFile(join(folder, 'acl'), mosquittoAcl(site, siteHost(site, MONITOR)));
  const config = `allow_anonymous false\npassword_file ${join(folder, 'users')}\nacl_file ${join(folder, 'acl')}`;
  broker = await startMosquitto({ config, persistence: true });
});
afterAll(async () => {
  await broker.stop();
  await rm(folder, { recursive: true });
});

const user = (username: string) => ({ username, password: readFileSync(join(folder, username), 'utf8') });

afterEach(() => {
  for (const client of clients.splice(0)) client.end(true);
  for (const socket of sockets.splice(0)) socket.terminate();
});

/** A service of the monitor, by its own user at the broker. */
async function service(name: string): Promise<MqttClient> {
  const client = await connectAsync(broker.url, { protocolVersion: 5, ...user(name) });
  clients.push(client);
  return client;
}

/** What a browser says where somebody has logged in. */
function browser(): Record<string, string> {
  return { cookie: `guaita-pi-1=${stage.token('vera')}`, origin: stage.origin() };
}

/** A page as mqtt.js connects it in a browser, with what it has been told. */
async function page(headers: Record<string, string> = {}, options: IClientOptions = {}) {
  const url = `${stage.origin('ws')}/mqtt`;
  const wsOptions = { headers: { ...browser(), ...headers }, ca: stage.ca };
  const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 100, wsOptions, ...options }, false);
  clients.push(client);
  const heard = new Map<string, string>();
  client.on('message', (topic, payload) => heard.set(topic, payload.toString()));
  return { client, heard };
}

/** A page that says what no MQTT client would. */
async function rawPage(headers = stage.as('vera'), path = '/mqtt'): Promise<WebSocket> {
  const socket = new WebSocket(`${stage.origin('ws')}${path}`, 'mqtt', { headers, ca: stage.ca });
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'open');
  return socket;
}

/** What comes with the next event of a client. */
function event<Packet = void>(client: MqttClient, name: 'close' | 'disconnect'): Promise<Packet> {
  return new Promise((resolve) => client.once(name, resolve as () => void));
}

/** Why a socket was closed. */
async function closed(socket: WebSocket): Promise<string> {
  const [code, reason] = await once(socket, 'close');
  return `${code} ${reason.toString()}`;
}

const CONNECT = generate({ cmd: 'connect', protocolVersion: 5, clientId: 'x', clean: true, keepalive: 0 });

describe.each([
  ['in the clear', false],
  ['by TLS', true],
])('a page %s', { timeout: 3 * PATIENCE_ms }, (_how, tls) => {
  beforeEach(async () => {
    const mqtt = { url: broker.url, ...user('watch') };
    stage = await HttpStage.begin({ tokens: { vera: 'viewer', ada: 'operator' }, mqtt, tls });
  });

  it('hears what is kept and what is said, with no user of the broker’s of its own', async () => {
    const alert = await service('alert');
    await alert.publishAsync(TOPIC, '{"state":"up"}', { qos: 1, retain: true });
    const { client, heard } = await page({}, { username: 'assign', password: 'a guess', clientId: 'storage' });
    await client.subscribeAsync(FILTER, { qos: 1 });
    await eventually(() => expect(heard.get(TOPIC)).toBe('{"state":"up"}'));
    await alert.publishAsync(TOPIC, '{"state":"down"}', { qos: 1, retain: true });
    await eventually(() => expect(heard.get(TOPIC)).toBe('{"state":"down"}'));
    // It came by the id "storage", which is that of the server's own connection: that one was not pushed out.
    expect(stage.wire.bus.connection).toBe(1);
  });

  it('is refused what is among services, and hears the rest', async () => {
    const { client } = await page();
    for (const filter of ['guaita/#', 'guaita/host/#', 'guaita/command/#', '#', '$SYS/#'])
      await expect(client.subscribeAsync(filter)).rejects.toThrow(/authori[sz]ed/i);
    const [granted] = await client.subscribeAsync(FILTER, { qos: 2 });
    expect(granted?.qos).toBe(1);
    await client.unsubscribeAsync(FILTER);
  });

  it('that publishes is put out, and nobody hears what it said', async () => {
    const { client } = await page(stage.as('ada'));
    const heard: string[] = [];
    const assign = await service('assign');
    assign.on('message', (topic) => heard.push(topic));
    await assign.subscribeAsync('guaita/#');
    client.options.reconnectPeriod = 0;
    const gone = event(client, 'close');
    const disconnect = event<IDisconnectPacket>(client, 'disconnect');
    client.publish('guaita/command/devices/remove', '{"devices":["router"]}', { qos: 0 });
    expect((await disconnect).reasonCode).toBe(0x87);
    await gone;
    await assign.publishAsync('guaita/cluster/pi-9', '{}', { qos: 1 });
    await eventually(() => expect(heard).toContain('guaita/cluster/pi-9'));
    expect(heard).not.toContain('guaita/command/devices/remove');
  });

  it('comes back by itself when the broker does', async () => {
    const alert = await service('alert');
    await alert.publishAsync(TOPIC, '{"state":"up"}', { qos: 1, retain: true });
    const { client, heard } = await page();
    await client.subscribeAsync(FILTER, { qos: 1 });
    await eventually(() => expect(heard.size).toBe(1));
    heard.clear();
    const lost = event(client, 'close');
    await broker.restart();
    await lost;
    await eventually(() => expect(heard.get(TOPIC)).toBe('{"state":"up"}'));
  });

  test.each([
    ['another site’s page', { origin: 'http://evil.example' }, 403],
    ['another program’s page on this host', { origin: 'http://127.0.0.1:3000' }, 403],
    ['a page that hides where it is from', { origin: 'null' }, 403],
    ['who asks for a host that is not ours', { host: 'evil.example', origin: 'http://evil.example' }, 403],
    ['who has no token', { cookie: '' }, 401],
    ['who has a wrong one', { cookie: 'guaita-pi-1=guaita_wrong' }, 401],
  ])('is not %s', async (_who, headers, status) => {
    await expect(rawPage({ ...browser(), ...headers })).rejects.toThrow(`Unexpected server response: ${status}`);
  });

  it('is at /mqtt, and speaks MQTT', async () => {
    await expect(rawPage(stage.as('vera'), '/elsewhere')).rejects.toThrow('404');
  });

  test.each([
    ['text', 'CONNECT', '1008 MQTT is binary'],
    ['noise', Buffer.from('GET / HTTP/1.1\r\n\r\n'), '1008 that is no MQTT'],
    ['a packet cut short', Buffer.from('1003000000', 'hex'), '1008 that is no MQTT'],
    ['something before CONNECT', Buffer.from('c000', 'hex'), '1008 it did not begin with CONNECT'],
    ['an older MQTT', Buffer.from('100d00044d5154540402003c000161', 'hex'), '1008 it speaks another MQTT than 5'],
  ])('that sends %s is put out, with the reason', async (_what, bytes, reason) => {
    const socket = await rawPage();
    socket.send(bytes);
    expect(await closed(socket)).toContain(reason);
  });

  it('that sends more than a page has reason to is put out before it is there', async () => {
    const [large, announced] = [await rawPage(), await rawPage()];
    large.send(Buffer.alloc(70_000));
    expect(await closed(large)).toContain('1009');
    announced.send(CONNECT);
    // The head of a PUBLISH of 200 MB, and the beginning of its body.
    announced.send(Buffer.from('3080c8af5f', 'hex'));
    for (let sent = 0; sent < 3; sent += 1) announced.send(Buffer.alloc(30_000));
    expect(await closed(announced)).toContain('a packet of more than 65536 bytes');
  });

  it('that does not read is put out, and holds up nobody', async () => {
    const alert = await service('alert');
    const deaf = await rawPage();
    deaf.send(CONNECT);
    deaf.send(
      generate(
        { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'guaita/device/#', qos: 0 }] },
        { protocolVersion: 5 },
      ),
    );
    await once(deaf, 'message');
    deaf.pause();
    const { client, heard } = await page();
    await client.subscribeAsync(FILTER, { qos: 1 });
    const large = 'x'.repeat(500_000);
    for (let n = 0; n < 100; n += 1)
      await alert.publishAsync(channels.state.topic('guaita', { device: `d-${n}` }), large, { qos: 1 });
    await eventually(() => expect(heard.size).toBeGreaterThanOrEqual(100));
    await eventually(() => expect(stage.lines.join()).toContain('the page reads too slowly'));
    deaf.resume();
    await closed(deaf);
  });

  it('is one of 64 at most; the next has to wait', async () => {
    for (let n = 0; n < 64; n += 1) await rawPage();
    const next = rawPage();
    await expect(next).rejects.toThrow('Unexpected server response: 503');
    const gone = sockets.shift() as WebSocket;
    gone.close();
    await once(gone, 'close');
    await eventually(async () => expect((await rawPage()).readyState).toBe(WebSocket.OPEN));
  });
});
