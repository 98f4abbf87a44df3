import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { startMosquitto, systemProgram, type Mosquitto } from '@guaita/lab';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alertNode, button, calendarNode, commandNode, deviceNode, flow, historyNode, seen } from './flows.ts';
import { startNodeRed, type NodeRed } from './node-red.ts';

const TEST_ms = 90_000;

/** A folder for pictures of what was seen, for the documents; without it none are taken. */
const PICTURES = process.env['GUAITA_PICTURES'];

let broker: Mosquitto;
let nodeRed: NodeRed;
let browser: Browser;
let page: Page;
const troubles: string[] = [];

beforeAll(async () => {
  [broker, nodeRed, browser] = await Promise.all([
    startMosquitto(),
    startNodeRed(),
    chromium.launch({ executablePath: systemProgram('chromium') }),
  ]);
  await nodeRed.deploy(
    flow(
      { url: broker.url },
      { ...alertNode('alerts', 'alerts-out', { severities: 'critical warning' }), x: 160, y: 80 },
      { ...seen('alerts-out'), name: 'alerts', x: 420, y: 80 },
      { ...button('all', 'devices'), name: 'all devices?', x: 160, y: 160 },
      { ...deviceNode('devices', 'changes', 'answers'), x: 340, y: 160 },
      { ...seen('changes'), name: 'changes', x: 520, y: 140 },
      { ...seen('answers'), name: 'answers', x: 520, y: 180 },
      { ...button('ask', 'history', { payload: 'gateway' }), name: 'the last day?', x: 160, y: 260 },
      { ...historyNode('history', 'rows'), x: 340, y: 260 },
      { ...seen('rows'), name: 'rows', x: 520, y: 260 },
      { ...button('quiet', 'command', { payload: 'gateway' }), name: 'be quiet', x: 160, y: 340 },
      { ...commandNode('command', 'done'), x: 340, y: 340 },
      { ...seen('done'), name: 'done', x: 520, y: 340 },
      { ...calendarNode('calendar', 'now'), x: 340, y: 420 },
      { ...seen('now'), name: 'now', x: 520, y: 420 },
    ),
  );
  page = await browser.newPage({ viewport: { width: 1400, height: 820 } });
  page.on('pageerror', (error) => troubles.push(error.message));
  await page.goto(nodeRed.url);
  await page.locator('#red-ui-palette-search input').fill('guaita');
  await page.locator('.red-ui-palette-node[data-palette-type="guaita-alert"]').waitFor();
}, 150_000);

afterAll(async () => {
  await browser.close();
  await nodeRed.stop();
  await broker.stop();
});

async function picture(name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, name) });
}

const NODES = ['alert', 'device', 'history', 'command', 'calendar'] as const;

it.each(NODES)(
  'the palette shows guaita %s, with its icon',
  async (name) => {
    const entry = page.locator(`.red-ui-palette-node[data-palette-type="guaita-${name}"]`);
    await entry.scrollIntoViewIfNeeded();
    expect((await entry.innerText()).replace(/\s+/g, ' ')).toContain(`guaita ${name}`);
    const style = await entry.locator('.red-ui-palette-icon').getAttribute('style');
    const icon = /url\(["']?([^"')]*)/.exec(style ?? '')?.[1] ?? '';
    expect(icon, String(style)).toContain(`guaita-${name}.svg`);
    expect((await page.request.get(new URL(icon, page.url()).href)).status()).toBe(200);
  },
  TEST_ms,
);

it.each([
  ['alert', 'alerts', 'alerts as they come: each when it begins'],
  ['device', 'devices', 'Sends each change of a device'],
  ['history', 'history', 'Asks the storage service'],
  ['command', 'command', 'Gives Guaita a command for each message'],
  ['calendar', 'calendar', 'Tells what is going on now'],
])(
  'the dialog of guaita %s opens, with its help',
  async (name, id, help) => {
    await page.locator(`[id="${id}"] rect.red-ui-flow-node`).dblclick();
    const dialog = page.locator('.red-ui-tray').last();
    await dialog.locator('#node-input-name').waitFor();
    if (name !== 'calendar')
      expect(await dialog.locator('#node-input-broker option:checked').innerText()).toContain(broker.url);
    await page.evaluate((type) => {
      const { RED } = globalThis as unknown as { RED: { sidebar: { help: { show(type: string): void } } } };
      RED.sidebar.help.show(type);
    }, `guaita-${name}`);
    const shown = page.locator('.red-ui-help').filter({ hasText: help });
    await shown.first().waitFor();
    if (name === 'alert') {
      const ticked = await dialog.locator('.guaita-severity:checked').all();
      expect(await Promise.all(ticked.map((box) => box.getAttribute('value')))).toEqual(['critical', 'warning']);
      await picture('node-red-editor.png');
    }
    if (name === 'command') {
      expect(await dialog.locator('#node-input-minutes').isVisible()).toBe(true);
      await dialog.locator('#node-input-verb').selectOption('probe');
      expect(await dialog.locator('#node-input-minutes').isVisible()).toBe(false);
    }
    await page.locator('#node-dialog-cancel').click();
    await dialog.locator('#node-input-name').waitFor({ state: 'detached' });
    expect(troubles).toEqual([]);
  },
  TEST_ms,
);

it(
  'what the dialog of guaita alert chooses is what is deployed',
  async () => {
    await page.locator('[id="alerts"] rect.red-ui-flow-node').dblclick();
    const dialog = page.locator('.red-ui-tray').last();
    await dialog.locator('.guaita-severity[value="warning"]').uncheck();
    await dialog.locator('#node-input-tags').fill('wifi');
    await page.locator('#node-dialog-ok').click();
    await dialog.locator('#node-input-broker').waitFor({ state: 'detached' });
    await page.locator('#red-ui-header-button-deploy').click();
    await expect
      .poll(async () => {
        const flows = JSON.parse(await nodeRed.get('/flows')) as { id: string; severities?: string; tags?: string }[];
        return flows.find(({ id }) => id === 'alerts');
      })
      .toMatchObject({ severities: 'critical', tags: 'wifi' });
  },
  TEST_ms,
);
