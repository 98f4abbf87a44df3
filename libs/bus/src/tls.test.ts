import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MqttBus } from './mqtt-bus.ts';
import { noDelaysTo } from './no-delay.testdata.ts';

const PATIENCE = { timeout: 20_000 };

let folder: string;
let broker: Mosquitto;

/** An authority of our own, and a broker with a certificate of it for `localhost`. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tls-'));
  const openssl = (...args: string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=an authority');
  openssl('req', '-x509', ...key, '-keyout', 'other.key', '-out', 'other.pem', '-subj', '/CN=another authority');
  openssl(
    'req',
    '-new',
    ...key.slice(0, 3),
    '-keyout',
    'broker.key',
    '-out',
    'broker.csr',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    'broker.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-copy_extensions',
    'copy',
    '-out',
    'broker.pem',
  );
  const file = (name: string): string => join(folder, name);
  const tls = [`cafile ${file('ca.pem')}`, `certfile ${file('broker.pem')}`, `keyfile ${file('broker.key')}`];
  broker = await startMosquitto({ config: ['allow_anonymous true', ...tls].join('\n') });
}, 60_000);

afterAll(async () => {
  await broker.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A bus to the broker by a host name, trusting an authority; and what it says is wrong. */
async function connect(host: string, authority: string | undefined): Promise<{ bus: MqttBus; log: string[] }> {
  const ca = authority === undefined ? undefined : await readFile(join(folder, authority), 'utf8');
  const log: string[] = [];
  const bus = new MqttBus({
    ...{ url: `mqtts://${host}:${broker.port}`, clientId: `tls-${host}-${authority}` },
    ...(ca === undefined ? {} : { tls: { ca } }),
    log: (_, line) => log.push(line),
  });
  return { bus, log };
}

test('a broker whose certificate the named authority signed is spoken to by TLS', async () => {
  const { bus } = await connect('localhost', 'ca.pem');
  await bus.start(AbortSignal.timeout(PATIENCE.timeout));
  const heard: string[] = [];
  await bus.subscribe('a', ({ payload }) => heard.push(String(payload)));
  bus.publish({ topic: 'a', payload: 'x', qos: 1, retain: false });
  await eventually(() => expect(heard).toEqual(['x']));
  expect(await noDelaysTo(broker.port)).toEqual(['1']);
  await bus.stop();
}, 30_000);

test.each([
  ['by an authority that is not named', 'localhost', undefined, /certificate/],
  ['by another authority than the named one', 'localhost', 'other.pem', /certificate/],
  ['for another name', '127.0.0.1', 'ca.pem', /IP: 127\.0\.0\.1|altnames/],
])(
  'a broker with a certificate %s is not',
  async (_, host, authority, reason) => {
    const { bus, log } = await connect(host, authority);
    const stop = new AbortController();
    const start = bus.start(stop.signal);
    await eventually(() => expect(log[0]).toMatch(reason));
    stop.abort();
    await expect(start).rejects.toThrow('gave up connecting');
    await bus.stop();
  },
  30_000,
);
