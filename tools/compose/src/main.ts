import { DockerDaemon, HOST_ADDRESS, makeBaseImage, run } from '@guaita/lab/docker';
import { channels, DEFAULT_BASE } from '@guaita/messages';
import { SERVICES } from '@guaita/site';
import { makeToken } from '@guaita/storage';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Composition, type Heard } from './composition.ts';
import { WORKSPACE } from './paths.ts';

/**
 * Runs docker-compose.yml for real: images built from the one Dockerfile, in a Docker daemon of its own, watching a host
 * with a real SNMP agent, a container and a device that does not exist. Needs root, and Debian's docker.io,
 * docker-compose, debootstrap and snmpd. Takes some minutes, most of it for Debian's packages; `--base FOLDER` keeps those
 * for the next time.
 */

const MONITOR = 'composed';
/** No one has this address (RFC 5737, for documentation). */
const NOBODY = '192.0.2.99';
const HEALTHY_WITHIN_MS = 90_000;
/** Every check runs each 5 s, so this is several rounds. */
const LISTEN_S = 25;
/** Where the mount tells nothing of changes, the inventory is read again every 10 s. */
const RELEASED_WITHIN_MS = 30_000;

const DEVICES = `
defaults:
  ping: { interval_s: 5, count: 2 }
devices:
  - { name: Host, id: host, address: ${HOST_ADDRESS}, snmp: { profile: lab, interval_s: 5 } }
  - { name: Broker, id: broker, address: mosquitto }
  - { name: Nobody, id: nobody, address: ${NOBODY} }
`;

const SITE = `site: home\nhosts: { ${MONITOR}: { address: 127.0.0.1 } }\nports: { mqtt: 1883 }\n`;

const SNMP_CONFIG = `
snmp:
  profiles:
    lab: { version: 2c, community: planted, allowed: [${HOST_ADDRESS}/32] }
`;

const TOKEN = makeToken();
const STORAGE_CONFIG = `storage: { tokens: { ada: { role: operator, sha256: ${TOKEN.sha256} } } }\n`;

const baseFlag = process.argv.indexOf('--base');
const folder = await mkdtemp(join(tmpdir(), 'guaita-compose-'));
const base = baseFlag === -1 ? join(folder, 'base') : (process.argv[baseFlag + 1] ?? join(folder, 'base'));
const daemon = new DockerDaemon(join(folder, 'docker'));
const composition = new Composition(daemon, join(folder, 'project'), {
  GUAITA_MONITOR: MONITOR,
  GUAITA_INVENTORY: join(folder, 'inventory'),
});
let inventory = DEVICES;
const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];

try {
  await story();
  console.log('the composed services work');
} finally {
  for (const close of closing.reverse()) await close();
}

async function story(): Promise<void> {
  await mkdir(join(folder, 'inventory'));
  await writeFile(join(folder, 'inventory/devices.yaml'), DEVICES);
  await step('bundling the services', () =>
    run(process.execPath, ['tools/bundle/src/main.ts', 'host', ...SERVICES], { cwd: WORKSPACE }),
  );
  await step('starting a Docker daemon', () => daemon.start());
  closing.push(() => daemon.stop());
  await step("making the base image of Debian's packages", () => makeBaseImage(daemon, base));
  await step('building the images of the services', async () => {
    await composition.prepare({
      'deploy/compose-site.yaml': SITE,
      'deploy/config/snmp.yaml': SNMP_CONFIG,
      'deploy/config/storage.yaml': STORAGE_CONFIG,
    });
    await composition.build();
  });
  await writeFile(join(folder, 'snmpd.conf'), `rocommunity planted\nagentaddress udp:${HOST_ADDRESS}:161\n`);
  const agent = daemon.spawnOnHost('snmpd', ['-f', '-C', '-c', join(folder, 'snmpd.conf'), '-Lf', '/dev/null']);
  closing.push(async () => agent.kill());
  closing.push(() => composition.down());
  await step('starting the services', async () => {
    await composition.up();
    await composition.healthy(['mosquitto', ...SERVICES], HEALTHY_WITHIN_MS);
  });
  await step(`listening for ${LISTEN_S} s`, observations);
  await step('looking at what is stored', stored);
  await step('looking at the page', page);
  await step('announcing a service by the page', announced);
  await step('looking at who they are', rights);
  await step('taking a device out of the inventory', inventoryChange);
  await step('restarting the broker under them', async () => {
    await composition.restart('mosquitto');
    await composition.healthy(['mosquitto', ...SERVICES], HEALTHY_WITHIN_MS);
    await observations();
  });
}

/** Every device is seen as it is, by ping and by SNMP. */
async function observations(): Promise<void> {
  const heard = await composition.listen(`${DEFAULT_BASE}/monitor/${MONITOR}/#`, LISTEN_S);
  const state = (device: string): unknown =>
    newest(heard, channels.ping.topic(DEFAULT_BASE, { monitor: MONITOR, device }));
  try {
    assert.equal((state('host') as { state: string }).state, 'up');
    assert.equal((state('broker') as { state: string }).state, 'up');
    if (inventory.includes(NOBODY)) assert.equal((state('nobody') as { state: string }).state, 'down');
    const polled = newest(heard, channels.snmp.topic(DEFAULT_BASE, { monitor: MONITOR, device: 'host' }));
    assert.ok('lo' in (polled as { interfaces: object }).interfaces, `no interface lo in ${JSON.stringify(polled)}`);
  } catch (cause) {
    throw new Error(`not what was expected; heard:\n${JSON.stringify(heard, null, 1)}\n${await composition.logs()}`, {
      cause,
    });
  }
  const topics = Map.groupBy(heard, ({ topic }) => topic);
  for (const [topic, messages] of topics) console.log(`    ${topic}  ${messages.length} messages`);
}

/** A file that takes the other's place, as editors do it, is seen inside, and the device is released. */
async function inventoryChange(): Promise<void> {
  inventory = DEVICES.split('\n')
    .filter((line) => !line.includes(NOBODY))
    .join('\n');
  await writeFile(join(folder, 'inventory/.devices.yaml.new'), inventory);
  await rename(join(folder, 'inventory/.devices.yaml.new'), join(folder, 'inventory/devices.yaml'));
  const deadline = performance.now() + RELEASED_WITHIN_MS;
  for (;;) {
    const heard = await composition.listen(`${DEFAULT_BASE}/host/${MONITOR}/assigned/+`, 3);
    const devices = heard.map(({ topic }) => topic.split('/').at(-1)).sort();
    if (devices.join() === 'broker,host') return;
    assert.ok(performance.now() < deadline, `still assigned: ${devices.join()}\n${await composition.logs()}`);
  }
}

/** What was heard is stored; for that storage has its database’s native parts beside its bundle. */
async function stored(): Promise<void> {
  const ask = `fetch('http://127.0.0.1:7480/metrics').then((answer) => answer.text()).then(console.log)`;
  const metrics = await composition.exec('storage', 'node', '-e', ask);
  for (const kind of ['ping', 'snmp', 'interface']) {
    assert.match(metrics, new RegExp(`^guaita_storage_rows_total\\{kind="${kind}"\\} [1-9]`, 'm'), metrics);
  }
}

/** Whoever has a token finds the page, and what was seen, on the port that the host publishes. */
async function page(): Promise<void> {
  const script = `
    const [path, token] = process.argv.slice(1);
    const headers = token === undefined ? {} : { authorization: 'Bearer ' + token };
    fetch('http://127.0.0.1:7480' + path, { headers }).then(async (answer) => {
      console.log(JSON.stringify({ status: answer.status, text: await answer.text() }));
    });`;
  const ask = async (path: string, ...token: readonly string[]): Promise<{ status: number; text: string }> =>
    JSON.parse(await daemon.runOnHost(process.execPath, ['-e', script, path, ...token])) as never;
  assert.match((await ask('/')).text, /<title>Guaita/);
  assert.equal((await ask('/api/devices')).status, 401);
  const { text } = await ask('/api/devices', TOKEN.token);
  assert.deepEqual(
    (JSON.parse(text) as { devices: { device: string; state: string }[] }).devices.map(
      ({ device, state }) => `${device} ${state}`,
    ),
    ['broker up', 'host up', 'nobody down'],
  );
  const from = new Date(Date.now() - 600_000).toISOString();
  const series = await ask(
    `/api/series?device=host&kind=ping&from=${from}&to=${new Date().toISOString()}`,
    TOKEN.token,
  );
  assert.match(series.text, new RegExp(MONITOR), series.text);
}

/** An operator of the page makes a service known, which serf-publisher keeps and tells. */
async function announced(): Promise<void> {
  const [type, name, port] = ['http', 'wiki', 8080] as const;
  const script = `
    const [token, body] = process.argv.slice(1);
    const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json' };
    const answer = await fetch('http://127.0.0.1:7480/api/commands/services/add', { method: 'POST', headers, body });
    console.log(await answer.text());`;
  const body = JSON.stringify({ type, name, port, address: HOST_ADDRESS });
  const said = await daemon.runOnHost(process.execPath, ['--input-type=module', '-e', script, TOKEN.token, body]);
  assert.deepEqual(JSON.parse(said), { ok: true, monitor: MONITOR });
  const heard = await composition.listen(`${DEFAULT_BASE}/service/#`, 3);
  const found = newest(heard, channels.foundService.topic(DEFAULT_BASE, { type, name }));
  assert.partialDeepStrictEqual(found, { type, name, port, address: HOST_ADDRESS, source: 'announcements' });
}

/** Nobody is root, and nobody can write where the image is. */
async function rights(): Promise<void> {
  for (const service of ['mosquitto', ...SERVICES]) {
    assert.notEqual((await composition.exec(service, 'id', '-u')).trim(), '0', `${service} runs as root`);
    await assert.rejects(composition.exec(service, 'touch', '/usr/planted'), `${service} can write in its image`);
  }
}

function newest(heard: readonly Heard[], topic: string): unknown {
  const found = heard.findLast((message) => message.topic === topic);
  assert.ok(found, `nothing was heard on ${topic}`);
  return found.payload;
}

async function step(what: string, work: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  console.log(`- ${what}`);
  await work();
  console.log(`  ${((performance.now() - began) / 1000).toFixed(1)} s`);
}
