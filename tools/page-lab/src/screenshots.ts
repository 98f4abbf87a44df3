import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { startMosquitto, systemProgram } from '@guaita/lab';
import { chromium, type BrowserContextOptions, type Page } from 'playwright-core';
import { buildPage } from './built-page.ts';
import { demoHistory } from './demo-history.ts';
import { DemoNetwork } from './demo-network.ts';
import { sayTroubles } from './demo-site.ts';
import { PageServer } from './page-server.ts';

/** Makes the pictures of the live page that the documents show: `npm run screenshots [folder]`. */
const FOLDER = process.argv[2] ?? join(import.meta.dirname, '../../../docs/page');
const DEVICES = 320;
/** So many rounds of probes fill the spark lines. */
const ROUNDS = 30;

const VIEWER = { locale: 'en-GB', timezoneId: 'Europe/Madrid' };
const DESK = { ...VIEWER, viewport: { width: 1360, height: 860 } };
const PHONE = {
  ...VIEWER,
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

const TALL = { width: 1360, height: 1340 };

const PICTURES: readonly (readonly [string, string, BrowserContextOptions])[] = [
  ['overview-light', '#/', { ...DESK, colorScheme: 'light' }],
  ['overview-dark', '#/', { ...DESK, colorScheme: 'dark' }],
  ['device-light', '#/device/gateway', { ...DESK, colorScheme: 'light', viewport: TALL }],
  ['reports-light', '#/reports', { ...DESK, colorScheme: 'light', viewport: TALL }],
  ['map-light', '#/map', { ...DESK, colorScheme: 'light' }],
  ['phone-devices', '#/devices', { ...PHONE, colorScheme: 'dark' }],
];

const built = await buildPage();
const broker = await startMosquitto();
const network = new DemoNetwork(broker.url, DEVICES);
const server = new PageServer({
  folder: built.folder,
  brokerUrl: broker.url,
  history: demoHistory(network),
});
const browser = await chromium.launch({ executablePath: systemProgram('chromium') });
try {
  await mkdir(FOLDER, { recursive: true });
  await network.start();
  await server.start();
  network.sayAll();
  sayTroubles(network);
  await network.flushed();
  // One page for each picture, all open while rounds of probes come in.
  const open: { name: string; page: Page }[] = [];
  for (const [name, hash, options] of PICTURES) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error(name, error.message));
    page.on('console', (message) => message.type() === 'error' && console.error(name, message.text()));
    await page.goto(`${server.url}/${hash}`);
    open.push({ name, page });
  }
  const from_ms = Date.now() - ROUNDS * 60_000;
  for (let round = 1; round <= ROUNDS; round += 1) {
    network.probeAll(from_ms + round * 60_000);
    await network.flushed();
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  // Something happens while they look.
  network.state('home-12', 'up');
  network.resolved(2);
  network.spec('home-20', { monitors: ['pi-2', 'pi-3', 'rack-1'] });
  network.state('home-33', 'down');
  for (const id of ['home-12', 'home-20', 'home-33']) network.probe(id);
  network.alert('home-33', { since: new Date().toISOString() }, 5);
  await network.flushed();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  for (const { name, page } of open) await page.screenshot({ path: join(FOLDER, `${name}.png`) });
} finally {
  await browser.close();
  await server.stop();
  await network.stop();
  await broker.stop();
  await built.remove();
}
