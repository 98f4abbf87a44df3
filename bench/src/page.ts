/// <reference lib="dom" />

import { setTimeout as pause } from 'node:timers/promises';
import { startMosquitto } from '@guaita/lab';
import { buildPage, DemoNetwork, Heap, noHistory, openPage, PageServer, startBrowser } from '@guaita/page-lab';
import type { Browser, CDPSession, Page } from 'playwright-core';
import type { BenchOptions } from './main.ts';
import type { BenchResult, Row } from './report.ts';

const DEVICES = 5_000;
/** Half of these are faster. */
const VIEWS = 7;
const FILTERS = 20;
const TURNS = 20;
/** As many probes as are kept of each device: from then on a page has all that it will ever have. */
const ROUNDS_UNTIL_FULL = 42;
/** A site's usual interval. */
const MINUTE_s = 60;

/** The live page of a large site in a real Chromium: how soon it is seen, filtered and turned, and what it needs. */
export async function benchPage({ progress, devices = DEVICES }: BenchOptions): Promise<BenchResult> {
  const [built, broker, browser] = await Promise.all([buildPage(), startMosquitto(), startBrowser()]);
  const network = new DemoNetwork(broker.url, devices);
  const server = new PageServer({ folder: built.folder, brokerUrl: broker.url, history: noHistory() });
  try {
    await network.start();
    network.sayAll();
    network.probeAll();
    await network.flushed();
    await server.start();
    const address = `${server.url}/#/devices?sort=name`;
    progress(`${devices} devices on a real broker; a page is opened ${VIEWS} times`);
    const views: { rows_ms: number; all_ms: number }[] = [];
    for (let view = 0; view < VIEWS; view += 1) views.push(await firstView(browser, address, devices));
    const { page } = await openPage(browser, address);
    await shown(page, devices);
    // All that is kept has come by then.
    await pause(3_000);
    progress('it is filtered');
    const filters = await filterTimes(page);
    progress('rows turn');
    const turns = await turnTimes(page, network);
    progress(`it hears ${ROUNDS_UNTIL_FULL} probes of each device, then a minute more`);
    const memory = await minuteOfUpdates(page, network);
    const row = (metric: string, value: number, unit = 'ms'): Row => ({ subject: 'page', metric, value, unit });
    return {
      rows: [
        row('devices', devices, ''),
        row(
          'first rows seen, half within',
          quantile(
            views.map(({ rows_ms }) => rows_ms),
            0.5,
          ),
        ),
        row(
          'all devices known, half within',
          quantile(
            views.map(({ all_ms }) => all_ms),
            0.5,
          ),
        ),
        row(
          'all devices known, at most',
          quantile(
            views.map(({ all_ms }) => all_ms),
            1,
          ),
        ),
        row('filtered after a key, half within', quantile(filters, 0.5)),
        row('filtered after a key, at most', quantile(filters, 1)),
        row('a row turned after it was said, half within', quantile(turns, 0.5)),
        row('a row turned after it was said, at most', quantile(turns, 1)),
        row('heap', memory.heap_bytes / 1e6, 'MB'),
        row('heap growth in a minute of updates', memory.growth_bytes / 1e3, 'kB'),
        row('main thread in a minute of updates', memory.busy_ms),
      ],
      ratios: {},
    };
  } finally {
    await browser.close();
    await server.stop();
    await network.stop();
    await broker.stop();
    await built.remove();
  }
}

async function firstView(
  browser: Browser,
  address: string,
  devices: number,
): Promise<{ rows_ms: number; all_ms: number }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  // Looked at in each frame, by the page's own clock, which begins when it is asked for.
  await page.addInitScript((all) => {
    const times = { rows_ms: 0, all_ms: 0 };
    Object.assign(globalThis, { times });
    const look = (): void => {
      if (times.rows_ms === 0 && document.querySelector('[data-device]') !== null) times.rows_ms = performance.now();
      const found = document.querySelector('.found')?.textContent.replaceAll(/\D/g, '');
      if (found === `${all}${all}`) times.all_ms = performance.now();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, devices);
  await page.goto(address);
  await page.waitForFunction(() => (globalThis as unknown as { times: { all_ms: number } }).times.all_ms > 0);
  const times = await page.evaluate(
    () => (globalThis as unknown as { times: { rows_ms: number; all_ms: number } }).times,
  );
  await context.close();
  return times;
}

async function shown(page: Page, devices: number): Promise<void> {
  await page.waitForFunction(
    (all) => document.querySelector('.found')?.textContent.replaceAll(/\D/g, '') === `${all}${all}`,
    devices,
  );
}

/** From a key to the frame in which the rows that fit are drawn. */
async function filterTimes(page: Page): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < FILTERS; index += 1) {
    const text = index % 2 === 0 ? `home ${100 + index}` : '';
    times.push(
      await page.evaluate(async (wanted) => {
        const input = document.querySelector<HTMLInputElement>('#device-text')!;
        const before = document.querySelector('.found')!.textContent;
        const start = performance.now();
        input.value = wanted;
        input.dispatchEvent(new InputEvent('input', { bubbles: true }));
        while (document.querySelector('.found')!.textContent === before) {
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        return performance.now() - start;
      }, text),
    );
    await pause(200);
  }
  return times;
}

/** From the message that a device is down, sent here, to the frame in which its row says so. */
async function turnTimes(page: Page, network: DemoNetwork): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < TURNS; index += 1) {
    const state = index % 2 === 0 ? 'down' : 'up';
    const start = performance.now();
    network.state('backbone-1', state);
    await page.waitForFunction(
      (wanted) => document.querySelector('[data-device=backbone-1]')?.getAttribute('data-state') === wanted,
      state,
    );
    times.push(performance.now() - start);
    await pause(150);
  }
  return times;
}

async function minuteOfUpdates(
  page: Page,
  network: DemoNetwork,
): Promise<{ heap_bytes: number; growth_bytes: number; busy_ms: number }> {
  const heap = new Heap(page);
  let at_ms = Date.now();
  const heard = async (): Promise<void> => {
    await network.flushed();
    const state = 'maintenance';
    network.state('backbone-1', state);
    await page.waitForFunction(
      (wanted) => document.querySelector('[data-device=backbone-1]')?.getAttribute('data-state') === wanted,
      state,
      { timeout: 120_000 },
    );
    network.state('backbone-1', 'up');
  };
  for (let round = 0; round < ROUNDS_UNTIL_FULL; round += 1) {
    at_ms += MINUTE_s * 1000;
    network.probeAll(at_ms);
    await heard();
  }
  const before = await heap.used_bytes();
  const thread = new MainThread(page);
  const busyBefore = await thread.busy_ms();
  // Each device at its own second of the minute, as monitors do.
  const { devices } = network;
  for (let second = 0; second < MINUTE_s; second += 1) {
    const due = performance.now() + 1000;
    for (let index = second; index < devices.length; index += MINUTE_s) {
      network.probe(devices[index]!.id, at_ms + MINUTE_s * 1000 + second);
    }
    await pause(Math.max(0, due - performance.now()));
  }
  await heard();
  const busy_ms = (await thread.busy_ms()) - busyBefore;
  const after = await heap.used_bytes();
  return { heap_bytes: after, growth_bytes: after - before, busy_ms };
}

/** For how long a page's main thread has worked, since this was asked for first. */
class MainThread {
  readonly #page: Page;
  #session: CDPSession | undefined;

  constructor(page: Page) {
    this.#page = page;
  }

  async busy_ms(): Promise<number> {
    if (this.#session === undefined) {
      this.#session = await this.#page.context().newCDPSession(this.#page);
      await this.#session.send('Performance.enable');
    }
    const { metrics } = await this.#session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
