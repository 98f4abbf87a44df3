/// <reference lib="dom" />

import { startMosquitto, type Mosquitto } from '@guaita/lab';
import type { Role } from '@guaita/storage';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults } from './axe.ts';
import {
  buildPage,
  demoHistory,
  DemoNetwork,
  noHistory,
  openPage,
  PageServer,
  sayTroubles,
  startBrowser,
  type BuiltPage,
  type WatchedPage,
} from '@guaita/page-lab';
import { Spoken } from '../node-red/spoken.ts';

const TEST_ms = 40_000;
const PATIENCE = { timeout: 15_000 };

let built: BuiltPage;
let broker: Mosquitto;
let network: DemoNetwork;
let server: PageServer;
let browser: Browser;
let opened: WatchedPage[] = [];

beforeAll(async () => {
  [built, broker, browser] = await Promise.all([buildPage(), startMosquitto({ persistence: true }), startBrowser()]);
  network = new DemoNetwork(broker.url, 150);
  const history = demoHistory(['pi-1', 'pi-3', 'rack-1']);
  server = new PageServer({ folder: built.folder, brokerUrl: broker.url, history });
  await Promise.all([network.start(), server.start()]);
  network.sayAll();
  network.probeAll();
  await network.flushed();
}, 120_000);

afterEach(async () => {
  const troubles = opened.flatMap((each) => each.troubles);
  await Promise.all(opened.map(({ page }) => page.context().close()));
  opened = [];
  expect(troubles).toEqual([]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  await network.stop();
  await broker.stop();
  await built.remove();
});

async function open(hash: string, options: Parameters<typeof openPage>[2] = {}, url = server.url): Promise<Page> {
  const watched = await openPage(browser, `${url}/${hash}`, options);
  opened.push(watched);
  return watched.page;
}

/** A server that lets one visitor in, by token. */
function serverFor(role: Role): PageServer {
  return new PageServer({ folder: built.folder, brokerUrl: broker.url, history: noHistory(), visitor: ['ada', role] });
}

async function logIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Log in' }).click();
}

function row(page: Page, device: string): ReturnType<Page['locator']> {
  return page.locator(`[role=row][data-device="${device}"]`);
}

describe('what is live', { timeout: TEST_ms }, () => {
  it('a device goes down: its row turns with no reload, is told aloud, and the title counts it', async () => {
    const page = await open('#/devices?sort=name&text=backbone');
    await expect.poll(() => row(page, 'backbone-1').getAttribute('data-state'), PATIENCE).toBe('up');
    await page.evaluate(() => Object.assign(globalThis, { isTheSamePage: true }));
    network.state('backbone-1', 'down');
    await expect.poll(() => row(page, 'backbone-1').getAttribute('data-state'), PATIENCE).toBe('down');
    expect(await row(page, 'backbone-1').innerText()).toContain('Down');
    await expect.poll(() => page.title()).toMatch(/^\(1 down\)/);
    await expect.poll(() => page.locator('[aria-live=polite]').innerText(), PATIENCE).toContain('is down.');
    network.state('backbone-1', 'up');
    await expect.poll(() => row(page, 'backbone-1').getAttribute('data-state'), PATIENCE).toBe('up');
    expect(await page.evaluate(() => 'isTheSamePage' in globalThis)).toBe(true);
  });

  it('the broker restarts: what was known stays, greyed, until the page is live again and knows what it missed', async () => {
    const page = await open('#/devices?sort=name&text=backbone');
    await expect.poll(() => row(page, 'backbone-2').getAttribute('data-state'), PATIENCE).toBe('up');
    await broker.halt();
    await page.locator('.lost-banner').waitFor();
    expect(await page.locator('.lost-banner').innerText()).toMatch(/Reconnecting.*how things were at/s);
    expect(await page.locator('.view').evaluate((view) => getComputedStyle(view).filter)).toBe('grayscale(1)');
    expect(await row(page, 'backbone-2').getAttribute('data-state')).toBe('up');
    network.state('backbone-2', 'down');
    await broker.start();
    await expect.poll(() => row(page, 'backbone-2').getAttribute('data-state'), PATIENCE).toBe('down');
    await expect.poll(() => page.locator('.lost-banner').count(), PATIENCE).toBe(0);
    network.state('backbone-2', 'up');
    await expect.poll(() => row(page, 'backbone-2').getAttribute('data-state'), PATIENCE).toBe('up');
  });

  it('a page that is opened while the broker is away comes alive with it', async () => {
    await broker.halt();
    const page = await open('#/');
    await expect.poll(() => page.locator('h1').innerText(), PATIENCE).toContain('Connecting');
    await broker.start();
    await expect.poll(() => page.locator('.tally').innerText(), PATIENCE).toMatch(/150\s+devices/);
  });
});

describe('how it is used', { timeout: TEST_ms }, () => {
  it('by keyboard: skip, find, move, open', async () => {
    const page = await open('#/devices');
    await row(page, 'gateway').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent.trim())).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    await page.keyboard.press('/');
    await page.keyboard.type('radio');
    await expect.poll(() => row(page, 'gateway').count(), PATIENCE).toBe(0);
    await page.locator('[role=grid]').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const active = await page.locator('[role=grid]').getAttribute('aria-activedescendant');
    expect(await page.locator(`[id="${active}"]`).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('End');
    const last = page.locator('[role=row][aria-selected=true]');
    const device = await last.getAttribute('data-device');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).hash).toBe(`#/device/${device}`);
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('content');
  });

  it('a view can be sent to somebody: its address holds the filters', async () => {
    const page = await open('#/devices');
    await row(page, 'gateway').waitFor();
    await page.locator('#filter-tag').selectOption('backbone');
    await page.locator('.toggle', { hasText: 'Up' }).click();
    await page.locator('#device-text').fill('gate');
    await expect.poll(() => new URL(page.url()).hash).toBe('#/devices?state=up&tag=backbone&text=gate');
    const other = await open(new URL(page.url()).hash);
    await expect.poll(() => other.locator('[role=grid] [data-device]').count(), PATIENCE).toBe(1);
    expect(await other.locator('#device-text').inputValue()).toBe('gate');
  });

  it('an operator silences, acknowledges and has probed: what is asked of the server', async () => {
    network.state('home-1', 'down');
    network.alert('home-1', {}, 0xa1);
    const monitor = new Spoken(broker.url);
    await monitor.start();
    const given = await monitor.answer(() => ({ ok: true, monitor: 'pi-1' }));
    const page = await open('#/device/home-1');
    await page.getByRole('button', { name: 'Probe now' }).click();
    await page.getByText('It is being probed.').waitFor();
    await page.getByRole('button', { name: 'Silence…' }).click();
    await page.getByLabel('For').selectOption({ label: 'four hours' });
    await page.getByLabel('Why').fill('a new mast');
    await page.getByRole('button', { name: 'Silence', exact: true }).click();
    await page.getByText('It is silenced.').waitFor();
    await page.getByRole('button', { name: 'Acknowledge: Home 1, down' }).click();
    await page.getByLabel('Why').fill('on my way');
    await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await expect.poll(() => given.length, PATIENCE).toBe(3);
    expect(given).toMatchObject([
      ['probe', { devices: ['home-1'] }],
      ['silence/add', { devices: ['home-1'], by: 'local', why: 'a new mast', for_s: 14_400 }],
      ['ack', { alert: '00000000000000a1', by: 'local', why: 'on my way', acknowledge: true }],
    ]);
    network.state('home-1', 'up');
    await monitor.stop();
  });

  it('what the monitors refuse is said, in their words', async () => {
    const monitor = new Spoken(broker.url);
    await monitor.start();
    await monitor.answer(() => ({ ok: false, monitor: 'pi-1', problem: 'home-3 is watched by nobody' }));
    const page = await open('#/device/home-3');
    await page.getByRole('button', { name: 'Probe now' }).click();
    await page.getByText('home-3 is watched by nobody').waitFor();
    await monitor.stop();
  });

  it('a token lets one in, a wrong one is refused with a word', async () => {
    const guarded = serverFor('viewer');
    await guarded.start();
    try {
      const page = await open('', {}, guarded.url);
      await logIn(page, 'wrong');
      await page.getByText('this token is not known here').waitFor();
      await logIn(page, guarded.token);
      await expect.poll(() => page.locator('.tally').innerText(), PATIENCE).toMatch(/150\s+devices/);
      await page.getByLabel('Settings').click();
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByLabel('Token').waitFor();
    } finally {
      await guarded.stop();
    }
  });

  it('without a history the page says so, and shows what it has heard itself', async () => {
    const bare = serverFor('operator');
    await bare.start();
    try {
      const page = await open('#/device/gateway', {}, bare.url);
      await logIn(page, bare.token);
      await page.getByText('There is no history here').waitFor();
      await expect.poll(() => page.locator('.chart canvas').count(), PATIENCE).toBe(2);
    } finally {
      await bare.stop();
    }
  });

  it('the light is the viewer’s: the system’s, or as chosen, also when the page is opened again', async () => {
    const page = await open('#/', { colorScheme: 'dark' });
    const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.locator('.tally').waitFor();
    expect(await ground()).toBe('rgb(16, 19, 22)');
    await page.getByLabel('Settings').click();
    await page.getByLabel('Light', { exact: true }).check();
    expect(await ground()).toBe('rgb(246, 246, 243)');
    await page.reload();
    await page.locator('.tally').waitFor();
    expect(await ground()).toBe('rgb(246, 246, 243)');
  });

  it('times are those of the viewer’s zone', async () => {
    network.state('home-2', 'up', Date.UTC(2026, 0, 2, 23, 30));
    const page = await open('#/device/home-2', { locale: 'en-GB', timezoneId: 'Asia/Tokyo' });
    await expect.poll(() => page.locator('.device-state').innerText(), PATIENCE).toContain('3 Jan, 08:30');
  });
});

const VIEWS = [
  '#/',
  '#/devices',
  '#/device/gateway',
  '#/device/home-12',
  '#/map',
  '#/monitors',
  '#/services',
  '#/device/nobody',
];

describe('for everybody', { timeout: TEST_ms }, () => {
  beforeAll(async () => {
    sayTroubles(network);
    await network.flushed();
  });

  describe.each(['light', 'dark'] as const)('in the %s', (colorScheme) => {
    it.each(VIEWS)('axe-core finds no fault in %s', async (hash) => {
      const page = await open(hash, { colorScheme });
      await page.locator('.sign-live').waitFor();
      await expect.poll(() => page.locator('.view > *').count(), PATIENCE).toBeGreaterThan(1);
      await page.waitForTimeout(500);
      expect(await axeFaults(page)).toEqual([]);
    });
  });

  it('nor while the broker is away, nor where one logs in', async () => {
    const guarded = serverFor('viewer');
    await guarded.start();
    try {
      const login = await open('', {}, guarded.url);
      await login.getByLabel('Token').waitFor();
      const page = await open('#/');
      await page.locator('.sign-live').waitFor();
      await broker.halt();
      await page.locator('.lost-banner').waitFor();
      expect([...(await axeFaults(page)), ...(await axeFaults(login))]).toEqual([]);
    } finally {
      await broker.start();
      await guarded.stop();
    }
  });

  it.each(VIEWS)('on a phone %s needs no scrolling sideways', async (hash) => {
    const page = await open(hash, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    await page.locator('.sign-live').waitFor();
    await expect.poll(() => page.locator('.view > *').count(), PATIENCE).toBeGreaterThan(1);
    const tooWide = await page.evaluate(() =>
      ['html', '.view'].filter((name) => document.querySelector(name)!.scrollWidth > innerWidth),
    );
    expect(tooWide).toEqual([]);
  });
});
