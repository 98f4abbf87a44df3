/// <reference lib="dom" />

import { startMosquitto, type Mosquitto } from '@guaita/lab';
import {
  buildPage,
  demoHistory,
  DemoNetwork,
  Heap,
  openPage,
  PageServer,
  startBrowser,
  type BuiltPage,
} from '@guaita/page-lab';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const DEVICES = 5000;
/** More rounds of probes than the page keeps of any device. */
const ROUNDS_UNTIL_FULL = 42;
const ROUNDS_THEN = 10;

let built: BuiltPage;
let broker: Mosquitto;
let network: DemoNetwork;
let server: PageServer;
let browser: Browser;

beforeAll(async () => {
  // As deployed: a broker that keeps by itself no more than 1,000 messages for who reads slowly.
  [built, broker, browser] = await Promise.all([buildPage(), startMosquitto(), startBrowser()]);
  network = new DemoNetwork(broker.url, DEVICES);
  server = new PageServer({ folder: built.folder, brokerUrl: broker.url, history: demoHistory(network) });
  await network.start();
  network.sayAll();
  network.probeAll();
  await network.flushed();
  await server.start();
}, 180_000);

afterAll(async () => {
  await browser.close();
  await server.stop();
  await network.stop();
  await broker.stop();
  await built.remove();
});

describe('a site of five thousand devices', { timeout: 300_000 }, () => {
  it('is shown in full, with no more rows in the document than are in sight, and is filtered by each key', async () => {
    const { page, troubles } = await openPage(browser, `${server.url}/#/devices?sort=name`);
    await expect.poll(() => page.locator('.found').innerText()).toBe('5\u202f000 of 5\u202f000');
    expect(await page.locator('[role=grid] [data-device]').count()).toBeLessThan(100);
    await page.locator('#device-text').pressSequentially('home 4000');
    await expect.poll(() => page.locator('[data-device]').count()).toBe(1);
    expect(await page.locator('[data-device]').getAttribute('data-device')).toBe('home-4000');
    await page.locator('.spark').waitFor();
    await page.locator('#device-text').fill('');
    await expect.poll(() => page.locator('.found').innerText()).toMatch(/^5/);
    await page.locator('[role=grid]').focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.locator('[aria-selected=true]').getAttribute('aria-rowindex')).toBe('5001');
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('has a map of which only what is in sight is drawn', async () => {
    const { page, troubles } = await openPage(browser, `${server.url}/#/map`);
    await expect.poll(() => page.locator('.map-node').count()).toBeGreaterThan(100);
    expect(await page.locator('.map-line.is-crossing').count()).toBeGreaterThan(0);
    await page.waitForTimeout(3000);
    expect(await page.locator('.map-node').count()).toBeLessThan(1500);
    await page.locator('#map-text').fill('home 4000');
    await page.locator('.map-node.is-found').waitFor();
    expect(troubles).toEqual([]);
    await page.context().close();
  });
});

describe('a page that is left open', { timeout: 300_000 }, () => {
  it('needs no more memory once it has heard each device for a while', async () => {
    const small = new DemoNetwork(broker.url, 300);
    await small.start();
    const { page } = await openPage(browser, `${server.url}/#/devices`);
    await expect.poll(() => page.locator('.found').innerText()).toBe('5\u202f000 of 5\u202f000');
    const heap = new Heap(page);
    let at_ms = Date.now();
    const rounds = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round += 1) {
        at_ms += 60_000;
        small.probeAll(at_ms);
        small.state('home-1', round % 2 === 0 ? 'down' : 'up', at_ms);
        await small.flushed();
      }
      // The page has heard all that was said before this.
      small.state('home-2', 'down', at_ms);
      await expect.poll(() => page.locator('[data-device=home-2]').getAttribute('data-state')).toBe('down');
      small.state('home-2', 'up', at_ms);
    };
    await rounds(ROUNDS_UNTIL_FULL);
    const before = await heap.used_bytes();
    await rounds(ROUNDS_THEN);
    await rounds(ROUNDS_THEN);
    const growth = (await heap.used_bytes()) - before;
    // 18,000 probes later: a leak of 100 bytes for each would be 1.8 MB.
    expect(growth).toBeLessThan(1_500_000);
    await small.stop();
    await page.context().close();
  });
});
