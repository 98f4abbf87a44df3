import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startMosquitto, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { alertNode, button, catcher, deviceNode, flow, historyNode, seen } from './flows.ts';
import { startNodeRed, type NodeRed } from './node-red.ts';
import { alertOn, Spoken } from './spoken.ts';

const TEST_ms = 90_000;
const CREDENTIALS = { username: 'node-red', password: 'right' };

let nodeRed: NodeRed;
let folder: string;
/** Lets in who has a password. */
let guarded: Mosquitto;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passwords-'));
  const passwords = join(folder, 'passwords');
  execFileSync('mosquitto_passwd', ['-b', '-c', passwords, CREDENTIALS.username, CREDENTIALS.password]);
  const config = `allow_anonymous false\npassword_file ${passwords}`;
  [guarded, nodeRed] = await Promise.all([startMosquitto({ config }), startNodeRed()]);
}, 120_000);

afterEach(() => expect(nodeRed.isRunning, nodeRed.log).toBe(true));

afterAll(async () => {
  await nodeRed.stop();
  await guarded.stop();
  await rm(folder, { recursive: true });
});

/** Waits until a node's dot is like that. */
async function dot(node: string, fill: string, text: RegExp | string = ''): Promise<void> {
  await eventually(() => {
    expect(nodeRed.dots.get(node)).toMatchObject({ fill, text: expect.stringMatching(text) });
  });
}

it(
  'an address where nobody listens is said below each node, and commands fail with it',
  async () => {
    const port = await freePort();
    const nodes = [
      ...[alertNode('alerts', 'out'), deviceNode('devices', 'out', 'out'), seen('out')],
      ...[button('ask', 'history', { payload: 'gateway' }), historyNode('history', 'out', { timeout: 1 })],
      ...[catcher('catch', 'errors'), seen('errors', 'error.message')],
    ];
    await nodeRed.deploy(flow({ url: `mqtt://127.0.0.1:${port}` }, ...nodes));
    for (const node of ['alerts', 'devices', 'history'])
      await dot(node, 'red', `^connect ECONNREFUSED 127.0.0.1:${port}`);
    await nodeRed.press('ask');
    await eventually(() => expect(nodeRed.debug.get('errors')).toHaveLength(1));
    expect(nodeRed.debug.get('errors')?.[0]).toMatch(
      /nothing was sent within 1 s: cannot connect to mqtt:.*ECONNREFUSED/,
    );
  },
  TEST_ms,
);

it.each([
  ['no address', 'pi-1.lan', 'guaita', /URL "pi-1.lan" is not usable: write it as mqtt:\/\/host:1883/],
  [
    'a password in the address',
    'mqtt://ada:secret@127.0.0.1',
    'guaita',
    /URL holds a user: move it to the fields below/,
  ],
  ['a wildcard in the base topic', 'mqtt://127.0.0.1', 'guaita/#', /base topic "guaita\/#" is not usable/],
])(
  '%s is an error with its mend',
  async (_, url, base, message) => {
    const logged = nodeRed.log.length;
    await nodeRed.deploy(flow({ url, base }, alertNode('alerts', 'out'), seen('out')));
    await dot('alerts', 'red', 'no usable broker');
    await eventually(() => expect(nodeRed.log.slice(logged)).toMatch(message));
    expect(nodeRed.log).not.toContain('secret');
  },
  TEST_ms,
);

it(
  'a wrong password is said below the node; the right one brings it in',
  async () => {
    const flows = flow({ url: guarded.url }, alertNode('alerts', 'out'), seen('out'));
    await nodeRed.deploy(flows, { broker: { ...CREDENTIALS, password: 'wr0ng' } });
    await dot('alerts', 'red', 'not authorized|wrong user name or password');
    expect(nodeRed.log).not.toContain('wr0ng');
    await nodeRed.deploy(flows, { broker: CREDENTIALS });
    await dot('alerts', 'green', 'connected');
  },
  TEST_ms,
);

it(
  'a broker with TLS is trusted by the authority that Node-RED’s own TLS settings name, and by no other',
  async () => {
    const [key, certificate] = [join(folder, 'broker.key'), join(folder, 'broker.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', ...made, ...subject], { stdio: 'pipe' });
    const secret = await startMosquitto({ config: `allow_anonymous true\ncertfile ${certificate}\nkeyfile ${key}` });
    try {
      const url = `mqtts://localhost:${secret.port}`;
      await nodeRed.deploy(flow({ url }, alertNode('alerts', 'out'), seen('out')));
      await dot('alerts', 'red', 'self-signed certificate');
      const settings = { certType: 'files', cert: '', key: '', ca: certificate, verifyservercert: true };
      const tls = { id: 'tls', type: 'tls-config', name: '', servername: '', alpnprotocol: '', ...settings };
      await nodeRed.deploy([...flow({ url, tls: 'tls' }, alertNode('alerts', 'out'), seen('out')), tls]);
      await dot('alerts', 'green', 'connected');
    } finally {
      await secret.stop();
    }
  },
  TEST_ms,
);

it(
  'a broker that goes and comes back is said, and alerts come again',
  async () => {
    const broker = await startMosquitto();
    const monitor = new Spoken(broker.url);
    try {
      await monitor.start();
      await nodeRed.deploy(flow({ url: broker.url }, alertNode('alerts', 'out'), seen('out')));
      await dot('alerts', 'green');
      await broker.halt();
      await dot('alerts', 'red', /ECONNREFUSED|closed|shut/);
      await broker.start();
      await dot('alerts', 'green', 'connected');
      await eventually(() => expect(monitor.wire.bus.connected).toBe(true));
      monitor.alert(alertOn('gateway'));
      await eventually(() => expect(nodeRed.debug.get('out')).toHaveLength(1));
    } finally {
      await monitor.stop();
      await broker.stop();
    }
  },
  TEST_ms,
);

it(
  'what is no payload of ours is told in the log, and hurts nobody',
  async () => {
    const broker = await startMosquitto();
    const monitor = new Spoken(broker.url);
    try {
      await monitor.start();
      const nodes = [
        alertNode('alerts', 'out', { open: true, tags: 'wifi' }),
        deviceNode('devices', 'out', 'out', { initial: true }),
        seen('out'),
      ];
      await nodeRed.deploy(flow({ url: broker.url }, ...nodes));
      await dot('alerts', 'green');
      await dot('devices', 'green');
      const topics = [
        'alert/critical/gateway',
        'alert-open/00000000000000a1',
        'device/gateway/spec',
        'device/gateway/state',
      ];
      const payloads = ['{', '[]', 'null', '"text"', '7', '{}', '{"tags":7,"state":{},"name":[]}', '\u0000'];
      for (const topic of topics) {
        for (const payload of payloads)
          monitor.wire.bus.publish({ topic: `guaita/${topic}`, payload, qos: 1, retain: false });
      }
      for (const odd of ['alert/critical/UPPER', 'alert-open/a%20b', 'device/ /state']) {
        monitor.wire.bus.publish({ topic: `guaita/${odd}`, payload: '{}', qos: 1, retain: true });
      }
      monitor.device('attic-ap', 'up');
      await eventually(() => expect(nodeRed.debug.get('out')).toMatchObject([{ device: 'attic-ap', state: 'up' }]));
      expect(nodeRed.log).toContain('guaita/alert/critical/gateway: passed over what is no JSON object');
    } finally {
      await monitor.stop();
      await broker.stop();
    }
  },
  TEST_ms,
);
