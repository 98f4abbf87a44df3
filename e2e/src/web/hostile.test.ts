/// <reference lib="dom" />

import { MqttBus } from '@guaita/bus';
import { startMosquitto, type Mosquitto } from '@guaita/lab';
import {
  buildPage,
  demoHistory,
  DemoNetwork,
  openPage,
  PageServer,
  startBrowser,
  type BuiltPage,
} from '@guaita/page-lab';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SCRIPT = `<img src=x onerror="globalThis.ran = true"><script>globalThis.ran = true</script>`;
const HOSTILE = `"'\`\${1}&amp;\u202e\u0000\uD800 ${SCRIPT} javascript:alert(1)`;
const LONG = 'ä'.repeat(5_000);

/** Values that no field is meant to have. */
const VALUES: readonly unknown[] = [
  ...[HOSTILE, LONG, '', null, true, -1, 1e308, '9'.repeat(400), '1e999', [], {}, [[[[]]]], { __proto__: null }],
  ...[Array.from({ length: 1_100 }, () => '<b>'), { toString: 1, length: -1, then: 1 }, '0000-00-00T99:99:99Z'],
];

let built: BuiltPage;
let broker: Mosquitto;
let network: DemoNetwork;
let server: PageServer;
let browser: Browser;
let bus: MqttBus;

/** A site as it should be, on whose broker somebody says whatever comes to their mind. */
beforeAll(async () => {
  [built, broker, browser] = await Promise.all([buildPage(), startMosquitto(), startBrowser()]);
  network = new DemoNetwork(broker.url, 60);
  server = new PageServer({ folder: built.folder, brokerUrl: broker.url, history: demoHistory(network) });
  bus = new MqttBus({ url: broker.url, clientId: 'hostile', log: () => {} });
  await Promise.all([network.start(), server.start(), bus.start(AbortSignal.timeout(20_000))]);
  network.sayAll();
  network.probeAll();
  await network.flushed();
}, 120_000);

afterAll(async () => {
  await browser.close();
  await bus.stop(500);
  await server.stop();
  await network.stop();
  await broker.stop();
  await built.remove();
});

function say(topic: string, value: unknown): void {
  const payload = typeof value === 'string' ? value : JSON.stringify(value);
  bus.publish({ topic: `guaita/${topic}`, payload, qos: 1, retain: true });
}

const SPEC = {
  ...{ device: 'evil', name: HOSTILE, addresses: [HOSTILE], parents: [HOSTILE, 'gateway'], tags: [HOSTILE, 'home'] },
  ...{ monitors: ['pi-1', HOSTILE], checks: { ping: { interval_s: 60 } }, source: HOSTILE, site: HOSTILE },
};
const STATE = {
  ...{ state: 'down', since: new Date().toISOString(), reason: HOSTILE, episode: 1 },
  seen_by: [{ monitor: HOSTILE, state: 'down', reason: HOSTILE, at: new Date().toISOString() }],
};
const PING = {
  ...{ at: new Date().toISOString(), address: HOSTILE, sent: 3, received: 0, loss_percent: 100, state: 'down' },
  ...{ rtt_min_ms: null, rtt_avg_ms: null, rtt_max_ms: null, jitter_ms: null, reason: HOSTILE },
};
const SNMP = {
  ...{ at: new Date().toISOString(), state: 'up', uptime_s: 1, system: { name: HOSTILE, description: HOSTILE } },
  interfaces: {
    [HOSTILE]: { alias: HOSTILE, admin: HOSTILE, oper: HOSTILE, speed_bps: -1, in_bps: 1e308, out_bps: 'x' },
    __proto__x: { in_bps: 1 },
  },
  sensors: { [HOSTILE]: { value: 1e308, unit: HOSTILE, status: HOSTILE } },
};
const ALERT = {
  ...{ id: '00000000deadbeef', device: 'evil', name: HOSTILE, kind: 'down', severity: 'critical', resolves: false },
  ...{ since: new Date().toISOString(), at: new Date().toISOString(), text: HOSTILE, episode: 1, part: HOSTILE },
};
const CLUSTER = {
  site: HOSTILE,
  alive: true,
  capacity: 1e308,
  held: -5,
  links: [HOSTILE],
  at: 'never',
  trouble: HOSTILE,
};
const FOUND = {
  ...{ name: HOSTILE, type: HOSTILE, address: 'javascript:alert(1)', port: 1e9, node: HOSTILE, description: HOSTILE },
  attributes: { [HOSTILE]: HOSTILE },
};

/** Whole messages, and each with one field that is not what it should be. */
function sayAll(): void {
  for (const [topic, message] of [
    ['device/evil/spec', SPEC],
    ['device/evil/state', STATE],
    ['monitor/pi-1/ping/evil', PING],
    ['monitor/pi-1/snmp/evil', SNMP],
    ['alert-open/00000000deadbeef', ALERT],
    ['cluster/evil-monitor', CLUSTER],
    ['service/_evil._tcp/evil', FOUND],
    ['serf/member/evil', { status: HOSTILE, address: HOSTILE, tags: { [HOSTILE]: HOSTILE } }],
  ] as const) {
    const base = topic.slice(0, topic.lastIndexOf('/'));
    Object.keys(message).forEach((field, index) => {
      for (const [turn, value] of VALUES.entries())
        say(`${base}/evil-${index}-${turn}`, { ...message, device: `evil-${index}-${turn}`, [field]: value });
    });
    for (const [turn, value] of ['', '{', '"text"', 'null', '[]', '\u0000', '['.repeat(5_000)].entries())
      if (value !== '') say(`${base}/evil-${turn}`, value);
    for (const name of ['__proto__', 'constructor', 'toString', HOSTILE.replaceAll(/[/+#\u0000\uD800]/g, '')])
      say(`${base}/${name}`, { ...message, device: name });
    say(topic, message);
  }
}

describe('a page on whose broker somebody says whatever they like', { timeout: 120_000 }, () => {
  it.each(['#/', '#/devices', '#/device/evil', '#/device/__proto__', '#/map', '#/monitors', '#/services', '#/reports'])(
    'shows %s all the same, runs nothing of it, and stays as wide as it is',
    async (hash) => {
      const { page, troubles } = await openPage(browser, `${server.url}/${hash}`, {
        viewport: { width: 390, height: 844 },
      });
      sayAll();
      await bus.flushed(AbortSignal.timeout(30_000));
      await expect.poll(() => page.locator('h1').count()).toBe(1);
      // What is said after all that is heard, so the page still listens.
      network.state('gateway', 'down');
      await expect.poll(() => page.title()).toMatch(/down\)/);
      network.state('gateway', 'up');
      expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false);
      expect(await page.locator('img[src=x], .view script, b script').count()).toBe(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      expect(troubles).toEqual([]);
      await page.context().close();
    },
  );

  it('shows a name to the letter', async () => {
    const { page } = await openPage(browser, `${server.url}/#/device/evil`);
    await expect.poll(() => page.locator('h1').innerText()).toContain(SCRIPT);
    await page.context().close();
  });

  it.each([
    '#/device/<img src=x onerror=alert(1)>',
    '#/device/%',
    '#/devices?sort=__proto__&text=%00%FF',
    '#/nowhere',
    '#//',
  ])('opens at %s', async (hash) => {
    const { page, troubles } = await openPage(browser, `${server.url}/${hash}`);
    await expect.poll(() => page.locator('h1').count()).toBe(1);
    expect(troubles).toEqual([]);
    await page.context().close();
  });
});
