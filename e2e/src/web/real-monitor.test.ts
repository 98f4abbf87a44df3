import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNamespace, type Namespace } from '@guaita/lab';
import { buildPage, openPage, startBrowser, type BuiltPage, type WatchedPage } from '@guaita/page-lab';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GuaitaProcess } from '../guaita-process.ts';

const FLAGS = { monitor: 'pi-1', 'mqtt-port': '1883', 'http-port': '7480', data: 'data' };
const DEVICES = `defaults: { ping: { interval_s: 3, count: 1 } }
devices:
  - { name: router, address: 10.200.0.1, tags: [backbone] }
  - { name: attic-ap, address: 10.200.0.2, parents: [router], tags: [wifi] }
`;

let namespace: Namespace;
let built: BuiltPage;
let folder: string;
let monitor: GuaitaProcess;
let browser: Browser;
let watched: WatchedPage;

/** A whole monitor as a user starts it, and a browser on the same host. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guaita-page-'));
  [namespace, built] = await Promise.all([startNamespace({ networks: ['10.200.0.0/16'] }), buildPage()]);
  await writeFile(join(folder, 'devices.yaml'), DEVICES);
  await writeFile(join(folder, 'other.yaml'), 'devices: [{ name: printer, address: 10.200.0.3 }]\n');
  await writeFile(join(folder, 'guaita.yaml'), `storage: { page: ${JSON.stringify(built.folder)} }\n`);
  start();
  await monitor.event({ event: 'device', device: 'attic-ap', check: 'ping', state: 'up' });
  browser = await startBrowser(join(await namespace.shims('chromium'), 'chromium'));
  watched = await openPage(browser, 'http://127.0.0.1:7480/#/devices?sort=name');
}, 180_000);

afterAll(async () => {
  await browser.close();
  await monitor.stop('SIGKILL');
  await namespace.stop();
  await built.remove();
  await rm(folder, { recursive: true });
});

function start(): void {
  monitor = GuaitaProcess.up(namespace, { ...FLAGS, devices: 'devices.yaml', config: 'guaita.yaml' }, folder);
}

function stateOf(device: string): Promise<string | null> {
  return watched.page.locator(`[data-device="${device}"]`).getAttribute('data-state');
}

it('a real device falls silent and comes back: its row turns each time, with no reload', async () => {
  const { page } = watched;
  await expect.poll(() => stateOf('attic-ap')).toBe('up');
  await page.evaluate('globalThis.isTheSamePage = true');
  await namespace.silence('10.200.0.2');
  await expect.poll(() => stateOf('attic-ap')).toBe('down');
  expect(await stateOf('router')).toBe('up');
  await namespace.wake('10.200.0.2');
  await expect.poll(() => stateOf('attic-ap')).toBe('up');
  expect(await page.evaluate('globalThis.isTheSamePage')).toBe(true);
}, 150_000);

it('an operator has it probed, silences it and ends that, and sees that it is done', async () => {
  const { page } = watched;
  await page.evaluate("location.hash = '#/device/attic-ap'");
  await page.getByRole('button', { name: 'Probe now' }).click();
  await page.getByText('It is being probed.').waitFor();
  await page.getByRole('button', { name: 'Silence…' }).click();
  await page.getByLabel('Why').fill('a new mast');
  await page.getByRole('button', { name: 'Silence', exact: true }).click();
  await page.getByText('Silenced by local until').waitFor();
  expect(await page.locator('.device-head').innerText()).toContain('a new mast');
  await page.getByRole('button', { name: 'End the silence of attic-ap' }).click();
  await expect.poll(() => page.getByText('a new mast').count()).toBe(0);
}, 60_000);

it('an operator lets the monitor hand over, and take devices again', async () => {
  const { page } = watched;
  await page.evaluate("location.hash = '#/monitors'");
  const card = page.getByRole('article', { name: 'Monitor pi-1' });
  await card.getByRole('button', { name: 'Drain' }).click();
  await expect.poll(() => card.locator('.condition').innerText()).toBe('Draining');
  await card.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(() => card.locator('.condition').innerText()).toBe('Alive');
  await expect.poll(() => card.locator('.gauge').innerText()).toMatch(/^2 of/);
}, 90_000);

it('an operator forgets a monitor that died: it goes, and what watched its devices goes on', async () => {
  const { page } = watched;
  const flags = { monitor: 'pi-2', 'mqtt-port': '1884', 'http-port': '7481', data: 'data-2', config: 'guaita.yaml' };
  const other = GuaitaProcess.up(namespace, { ...flags, peer: 'mqtt://127.0.0.1:1883', devices: 'other.yaml' }, folder);
  await page.evaluate("location.hash = '#/monitors'");
  const card = page.getByRole('article', { name: 'Monitor pi-2' });
  await expect.poll(() => card.locator('.condition').innerText()).toBe('Alive');
  await expect.poll(() => card.locator('.gauge').innerText()).toMatch(/^1 of/);
  expect(await page.getByRole('button', { name: /^Forget/ }).count()).toBe(0);
  await other.stop('SIGKILL');
  await page.getByRole('button', { name: 'Forget… pi-2' }).click();
  await page.getByRole('button', { name: 'Forget pi-2' }).click();
  await page.getByText(/1 device stands in the inventory files/).waitFor();
  await page.getByLabel(/Also the devices/).check();
  await page.getByRole('button', { name: 'Forget pi-2' }).click();
  await expect.poll(() => card.count()).toBe(0);
  const own = page.getByRole('article', { name: 'Monitor pi-1' });
  await expect.poll(() => own.locator('.gauge').innerText()).toMatch(/^2 of/);
  await page.evaluate("location.hash = '#/devices?sort=name'");
  await expect.poll(() => stateOf('router')).toBe('up');
  expect(await page.locator('[data-device="printer"]').count()).toBe(0);
}, 120_000);

it('the whole monitor restarts, and the page with it', async () => {
  const { page, troubles } = watched;
  await page.evaluate("location.hash = '#/devices?sort=name'");
  expect(await monitor.stop()).toBe(0);
  await page.locator('.lost-banner').waitFor();
  expect(await stateOf('router')).toBe('up');
  start();
  await expect.poll(() => page.locator('.lost-banner').count()).toBe(0);
  await namespace.silence('10.200.0.1');
  await expect.poll(() => stateOf('router')).toBe('down');
  expect(await page.evaluate('globalThis.isTheSamePage')).toBe(true);
  // While nobody listens on the port, Chromium tells of each attempt by itself.
  expect(
    troubles.filter((trouble) => !/WebSocket connection|ERR_(CONNECTION|EMPTY)|status of 503/.test(trouble)),
  ).toEqual([]);
}, 180_000);
