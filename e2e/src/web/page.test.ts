/// <reference lib="dom" />

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned, startMosquitto, type Mosquitto, type SelfSigned } from '@guaita/lab';
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

let built: BuiltPage;
let broker: Mosquitto;
let network: DemoNetwork;
let server: PageServer;
let browser: Browser;
let opened: WatchedPage[] = [];

beforeAll(async () => {
  [built, broker, browser] = await Promise.all([buildPage(), startMosquitto({ persistence: true }), startBrowser()]);
  network = new DemoNetwork(broker.url, 150);
  const history = demoHistory(network);
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
function serverFor(role: Role, certificate?: SelfSigned): PageServer {
  return new PageServer({
    ...{ folder: built.folder, brokerUrl: broker.url, history: noHistory(), visitor: ['ada', role] },
    ...(certificate === undefined ? {} : { certificate }),
  });
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
    await expect.poll(() => row(page, 'backbone-1').getAttribute('data-state')).toBe('up');
    await page.evaluate(() => Object.assign(globalThis, { isTheSamePage: true }));
    network.state('backbone-1', 'down');
    await expect.poll(() => row(page, 'backbone-1').getAttribute('data-state')).toBe('down');
    expect(await row(page, 'backbone-1').innerText()).toContain('Down');
    await expect.poll(() => page.title()).toMatch(/^\(1 down\)/);
    await expect.poll(() => page.locator('[aria-live=polite]').innerText()).toContain('is down.');
    network.state('backbone-1', 'up');
    await expect.poll(() => row(page, 'backbone-1').getAttribute('data-state')).toBe('up');
    expect(await page.evaluate(() => 'isTheSamePage' in globalThis)).toBe(true);
  });

  it('the broker restarts: what was known stays, greyed, until the page is live again and knows what it missed', async () => {
    const page = await open('#/devices?sort=name&text=backbone');
    await expect.poll(() => row(page, 'backbone-2').getAttribute('data-state')).toBe('up');
    await broker.halt();
    await page.locator('.lost-banner').waitFor();
    expect(await page.locator('.lost-banner').innerText()).toMatch(/Reconnecting.*how things were at/s);
    expect(await page.locator('.view').evaluate((view) => getComputedStyle(view).filter)).toBe('grayscale(1)');
    expect(await row(page, 'backbone-2').getAttribute('data-state')).toBe('up');
    network.state('backbone-2', 'down');
    await broker.start();
    await expect.poll(() => row(page, 'backbone-2').getAttribute('data-state')).toBe('down');
    await expect.poll(() => page.locator('.lost-banner').count()).toBe(0);
    network.state('backbone-2', 'up');
    await expect.poll(() => row(page, 'backbone-2').getAttribute('data-state')).toBe('up');
  });

  it('a page that is opened while the broker is away comes alive with it', async () => {
    await broker.halt();
    const page = await open('#/');
    await expect.poll(() => page.locator('h1').innerText()).toContain('Connecting');
    await broker.start();
    await expect.poll(() => page.locator('.tally').innerText()).toMatch(/150\s+devices/);
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
    await expect.poll(() => row(page, 'gateway').count()).toBe(0);
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
    await expect.poll(() => other.locator('[role=grid] [data-device]').count()).toBe(1);
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
    await expect.poll(() => given.length).toBe(3);
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

  it('an operator drains, resumes and forgets monitors: a dead one only, and after a second thought', async () => {
    network.monitor('rack-2', { alive: false });
    const monitor = new Spoken(broker.url);
    await monitor.start();
    const given = await monitor.answer((verb, command) => {
      if (verb === 'monitors/forget' && !(command as { with_devices: boolean }).with_devices)
        return { ok: false, monitor: 'pi-1', problem: '3 devices stand in the inventory files of "rack-2" alone' };
      return { ok: true, monitor: 'pi-1' };
    });
    const page = await open('#/monitors');
    await page.getByRole('button', { name: 'Drain pi-2' }).click();
    await page.getByText('pi-2 hands over all that it watches.').waitFor();
    network.monitor('pi-2', { draining: true });
    await page.getByRole('button', { name: 'Resume pi-2' }).click();
    await page.getByText('pi-2 takes devices again.').waitFor();
    expect(await page.getByRole('button', { name: /^Forget/ }).count()).toBe(1);
    await page.getByRole('button', { name: 'Forget… rack-2' }).press('Enter');
    await page.getByText('It cannot be undone').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(given).toHaveLength(2);
    await page.getByRole('button', { name: 'Forget… rack-2' }).press('Enter');
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Forget rack-2' }).click();
    await page.getByText('3 devices stand in the inventory files').waitFor();
    await page.getByLabel(/Also the devices/).check();
    await page.getByRole('button', { name: 'Forget rack-2' }).click();
    await expect.poll(() => page.getByText('It cannot be undone').count()).toBe(0);
    expect(given).toMatchObject([
      ['monitors/drain', { monitor: 'pi-2', drain: true }],
      ['monitors/drain', { monitor: 'pi-2', drain: false }],
      ['monitors/forget', { monitor: 'rack-2', with_devices: false }],
      ['monitors/forget', { monitor: 'rack-2', with_devices: true }],
    ]);
    network.monitor('pi-2');
    network.monitor('rack-2');
    await monitor.stop();
  });

  it('an operator ends a silence, where it is seen: on a device that it means, and among all', async () => {
    const monitor = new Spoken(broker.url);
    await monitor.start();
    const given = await monitor.answer((_verb, command) => {
      for (const silence of (command as { silences: string[] }).silences) network.silence(silence, undefined);
      return { ok: true, monitor: 'pi-1' };
    });
    network.silence('s-roof', { tags: ['backbone'], why: 'new mast' });
    network.silence('s-home', { devices: ['home-5'], why: 'they move' });
    const page = await open('#/device/backbone-1');
    await page.getByText('new mast').waitFor();
    expect(await page.getByText('they move').count()).toBe(0);
    await page.getByRole('button', { name: 'End the silence of tag backbone' }).click();
    await expect.poll(() => page.getByText('new mast').count()).toBe(0);
    await page.goto(`${server.url}/#/`);
    await page.getByRole('button', { name: 'End the silence of Home 5' }).click();
    await expect.poll(() => page.getByText('they move').count()).toBe(0);
    expect(given).toEqual([
      ['silence/remove', { silences: ['s-roof'] }],
      ['silence/remove', { silences: ['s-home'] }],
    ]);
    await monitor.stop();
  });

  it('an operator makes a service known and takes it back, and only what was made known so', async () => {
    const monitor = new Spoken(broker.url);
    await monitor.start();
    let refuses = true;
    const given = await monitor.answer((verb) => {
      if (verb !== 'services/add' || !refuses) return { ok: true, monitor: 'pi-1' };
      refuses = false;
      return { ok: false, monitor: 'pi-1', problem: '200 are announced here' };
    });
    network.service('shop');
    network.service('radio', { source: 'announcements' });
    const page = await open('#/services');
    await page.getByRole('button', { name: 'Remove http radio' }).click();
    await page.getByText('It is taken back.').waitFor();
    expect(await page.getByRole('button', { name: 'Remove http shop' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Add a service…' }).click();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByLabel('Type').fill('http');
    await page.getByLabel('Name').fill('forum');
    await page.getByLabel('Port').fill('8080');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('200 are announced here').waitFor();
    await page.getByLabel('Address').fill('10.0.0.2');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await expect.poll(() => page.getByLabel('Address').count()).toBe(0);
    const forum = { type: 'http', name: 'forum', port: 8080, protocol: 'tcp', description: '', txt: {} };
    expect(given).toEqual([
      ['services/remove', { type: 'http', name: 'radio' }],
      ['services/add', forum],
      ['services/add', { ...forum, address: '10.0.0.2' }],
    ]);
    await monitor.stop();
  });

  it('a viewer is offered no command', async () => {
    network.silence('s-roof', { tags: ['backbone'], why: 'new mast' });
    network.monitor('rack-2', { alive: false });
    const guarded = serverFor('viewer');
    await guarded.start();
    try {
      const page = await open('#/monitors', {}, guarded.url);
      await logIn(page, guarded.token);
      await page.getByRole('article', { name: 'Monitor rack-2' }).waitFor();
      expect(await page.getByRole('button', { name: /Drain|Resume|Forget/ }).count()).toBe(0);
      for (const hash of ['#/', '#/device/backbone-1']) {
        await page.goto(`${guarded.url}/${hash}`);
        await page.getByText('new mast').waitFor();
        expect(await page.getByRole('button', { name: /End|Silence|Probe|Acknowledge/ }).count()).toBe(0);
      }
      await page.goto(`${guarded.url}/#/services`);
      await page.getByText('announcements').first().waitFor();
      expect(await page.getByRole('button', { name: /Add|Remove/ }).count()).toBe(0);
    } finally {
      await guarded.stop();
      network.monitor('rack-2');
      network.silence('s-roof', undefined);
    }
  });

  it('the lines of the devices in sight begin in the past, and each is asked for once', async () => {
    const page = await open('#/map');
    const asked: string[][] = [];
    page.on('request', (request) => {
      if (request.url().includes('/api/sparks'))
        asked.push(new URL(request.url()).searchParams.get('devices')!.split(','));
    });
    await expect.poll(() => page.locator('.map-line').count()).toBeGreaterThan(0);
    await page.evaluate("location.hash = '#/devices?sort=name'");
    await page.locator('.spark').nth(10).waitFor();
    const drawn = await row(page, 'backbone-1').locator('.spark-line').getAttribute('d');
    expect(drawn!.match(/[ML]/g)!.length).toBeGreaterThan(30);
    await page.locator('[role=grid]').press('End');
    await row(page, 'radio-2-6').locator('.spark').waitFor();
    expect(asked[0]).toContain('backbone-1');
    expect(asked.at(-1)).toContain('radio-2-6');
    expect(asked.length).toBeLessThan(5);
    expect(new Set(asked.flat()).size).toBe(asked.flat().length);
  });

  it('the lines of the overview begin in the past as well: those of the devices that it names, asked for at once', async () => {
    const page = await open('#/');
    const slowest = page.locator('section', { hasText: 'Slowest now' }).last();
    await expect
      .poll(async () => (await slowest.locator('.spark-line').first().getAttribute('d'))?.match(/[ML]/g)?.length)
      .toBeGreaterThan(30);
    await expect.poll(() => slowest.locator('.spark').count()).toBe(6);
  });

  it('the map has a line from each parent, and says through what else a device is reached', async () => {
    const page = await open('#/map');
    // One radio site of each of two backbones is reached through the other as well.
    const crossing = page.locator('.map-line.is-crossing');
    await expect.poll(() => crossing.count()).toBe(2);
    network.spec('radio-1-1', { parents: ['backbone-1', 'backbone-2', 'gateway'] });
    await expect.poll(() => crossing.count()).toBe(4);
    await page.locator('[aria-label*="also through Backbone"][aria-label*="Gateway"]').waitFor();
    network.spec('radio-1-1', { parents: ['backbone-1'] });
  });

  it('a report says who was up least, and which did worst; it can be sent to somebody, and taken away as a file', async () => {
    const page = await open('#/reports');
    const first = page.getByRole('region', { name: 'Availability of devices' }).getByRole('row').nth(1);
    await first.waitFor();
    expect(await first.getByRole('listitem').count()).toBe(30);
    expect(await first.getByRole('listitem').first().innerText()).toMatch(/\d+ \w+: |\w+ \d+: /);
    await page.getByLabel('By', { exact: true }).selectOption({ label: 'Round trip' });
    const worst = page.getByRole('region', { name: 'The worst devices' }).getByRole('row').nth(1);
    await expect.poll(() => worst.innerText()).toMatch(/\d.ms/);
    await page.getByLabel('Tag').selectOption('backbone');
    await page.locator('#report-period').selectOption({ label: 'Last month' });
    expect(new URL(page.url()).hash).toBe('#/reports?tag=backbone&period=last-month&by=rtt');
    const other = await open(new URL(page.url()).hash);
    await expect
      .poll(() => other.getByRole('region', { name: 'Availability of devices' }).getByRole('row').count())
      .toBe(4);
    const file = await Promise.all([
      other.waitForEvent('download'),
      other.getByRole('link', { name: 'All of them as CSV' }).click(),
    ]).then(([download]) => download);
    expect(file.suggestedFilename()).toBe('availability.csv');
    await other.keyboard.press('Tab');
    await first.getByRole('link').press('Enter');
    await page.getByRole('heading', { name: 'Availability', exact: true }).waitFor();
  });

  it('a token lets one in, a wrong one is refused with a word', async () => {
    const guarded = serverFor('viewer');
    await guarded.start();
    try {
      const page = await open('', {}, guarded.url);
      await logIn(page, 'wrong');
      await page.getByText('this token is not known here').waitFor();
      await logIn(page, guarded.token);
      await expect.poll(() => page.locator('.tally').innerText()).toMatch(/150\s+devices/);
      await page.getByLabel('Settings').click();
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByLabel('Token').waitFor();
    } finally {
      await guarded.stop();
    }
  });

  it('by TLS all of it goes by TLS: the page, what is live, the token; who asks without is led there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'page-tls-'));
    const secure = serverFor('operator', await selfSigned(folder));
    await secure.start();
    try {
      const page = await open('#/devices?sort=name&text=backbone', { ignoreHTTPSErrors: true }, secure.url);
      const sockets: string[] = [];
      page.on('websocket', (socket) => sockets.push(socket.url()));
      await logIn(page, secure.token);
      await expect.poll(() => row(page, 'backbone-1').getAttribute('data-state')).toBe('up');
      network.state('backbone-1', 'down');
      await expect.poll(() => row(page, 'backbone-1').getAttribute('data-state')).toBe('down');
      network.state('backbone-1', 'up');
      await expect.poll(() => row(page, 'backbone-1').getAttribute('data-state')).toBe('up');
      expect(sockets).toEqual([`${secure.url.replace('https:', 'wss:')}/mqtt`]);
      const [cookie] = await page.context().cookies();
      expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Strict' });
      await page.goto(`${secure.url.replace('https:', 'http:')}/`);
      expect(page.url()).toMatch(`${secure.url}/`);
      await expect.poll(() => page.locator('.tally').innerText()).toMatch(/150\s+devices/);
      // Before its server goes, which it would complain of.
      await page.context().close();
    } finally {
      await secure.stop();
      await rm(folder, { recursive: true });
    }
  });

  it('without a history the page says so, and shows what it has heard itself', async () => {
    const bare = serverFor('operator');
    await bare.start();
    try {
      const page = await open('#/device/gateway', {}, bare.url);
      await logIn(page, bare.token);
      await page.getByText('There is no history here').waitFor();
      await expect.poll(() => page.locator('.chart canvas').count()).toBe(2);
      await page.context().close();
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
    await expect.poll(() => page.locator('.device-state').innerText()).toContain('3 Jan, 08:30');
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
  '#/reports',
  '#/device/nobody',
];

describe('for everybody', { timeout: TEST_ms }, () => {
  beforeAll(async () => {
    sayTroubles(network);
    await network.flushed();
  });

  it('services say what they are and where, and members of the Serf cluster how they are', async () => {
    const page = await open('#/services');
    const rowOf = (name: string): Promise<string[]> =>
      page.getByRole('row').filter({ hasText: name }).getByRole('cell').allInnerTexts();
    await expect.poll(() => rowOf('wiki')).toEqual(['http', '10.20.0.2:30080', 'pi-1', 'kubernetes', 'path /inici']);
    expect(await rowOf('dns')).toEqual(['dns', '10.20.0.2:53 UDP', 'pi-1', 'announcements Remove', '–']);
    expect(await rowOf('moli')).toEqual(['failed', expect.stringMatching(/^4\d/), '[fd00::17]:7946', '–']);
  });

  describe.each(['light', 'dark'] as const)('in the %s', (colorScheme) => {
    it.each(VIEWS)('axe-core finds no fault in %s', async (hash) => {
      const page = await open(hash, { colorScheme });
      await page.locator('.sign-live').waitFor();
      await expect.poll(() => page.locator('.view > *').count()).toBeGreaterThan(1);
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
    await expect.poll(() => page.locator('.view > *').count()).toBeGreaterThan(1);
    const tooWide = await page.evaluate(() =>
      ['html', '.view'].filter((name) => document.querySelector(name)!.scrollWidth > innerWidth),
    );
    expect(tooWide).toEqual([]);
  });
});
