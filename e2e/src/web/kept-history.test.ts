/// <reference lib="dom" />

import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { buildPage, KeptSite, openPage, startBrowser, type BuiltPage, type KeptProbe } from '@guaita/page-lab';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MINUTE_ms = 60_000;
const HOUR_ms = 60 * MINUTE_ms;
const DAY_ms = 24 * HOUR_ms;
const DAYS = 31;
const MONITORS = ['pi-1', 'pi-2', 'pi-3'] as const;

const now_ms = Math.floor(Date.now() / (5 * MINUTE_ms)) * 5 * MINUTE_ms;
const today_ms = Math.floor(now_ms / DAY_ms) * DAY_ms;

type Span = readonly [from_ms: number, to_ms: number];

/** What happened: all of them saw an outage of five hours, and one of half an hour. */
const OUTAGES: readonly Span[] = [
  [today_ms - 3 * DAY_ms + 2 * HOUR_ms, today_ms - 3 * DAY_ms + 7 * HOUR_ms],
  [now_ms - 3 * HOUR_ms, now_ms - 2.5 * HOUR_ms],
];
/** Monitor pi-2 was away for two days, for six hours, and for two. */
const AWAY: readonly Span[] = [
  [today_ms - 12 * DAY_ms, today_ms - 10 * DAY_ms],
  [today_ms - 5 * DAY_ms + 6 * HOUR_ms, today_ms - 5 * DAY_ms + 12 * HOUR_ms],
  [now_ms - 6 * HOUR_ms, now_ms - 4 * HOUR_ms],
];
/** Monitor pi-3 lost one reply of four. */
const LOSS: Span = [now_ms - 12 * HOUR_ms, now_ms - 11 * HOUR_ms];

const isIn = (at_ms: number, [from_ms, to_ms]: Span): boolean => at_ms >= from_ms && at_ms < to_ms;

let built: BuiltPage;
let broker: Mosquitto;
let browser: Browser;
let site: KeptSite;

/**
 * A month as a storage would have kept it: from the broker through the journal into parts, sealed each midnight, rolled up.
 * Of late there was a probe each minute, before that one each five.
 */
beforeAll(async () => {
  [built, broker, browser] = await Promise.all([buildPage(), startMosquitto(), startBrowser()]);
  site = new KeptSite({ page: built.folder, brokerUrl: broker.url, from_ms: today_ms - DAYS * DAY_ms });
  await site.start();
  site.spec('router', { name: 'Router', monitors: [...MONITORS] });
  await site.verdict('router', 'up', today_ms - DAYS * DAY_ms);
  for (let day_ms = today_ms - DAYS * DAY_ms; day_ms <= today_ms; day_ms += DAY_ms) {
    const end_ms = Math.min(day_ms + DAY_ms, now_ms);
    await site.becomes(end_ms - 1);
    await site.probes(probesOf(day_ms, end_ms));
    for (const [from_ms, to_ms] of OUTAGES) {
      if (isIn(from_ms, [day_ms, end_ms])) await site.verdict('router', 'down', from_ms);
      if (isIn(to_ms, [day_ms, end_ms])) await site.verdict('router', 'up', to_ms);
    }
    if (end_ms === day_ms + DAY_ms) await site.becomes(end_ms);
  }
  await site.becomes(now_ms);
  await site.rolledUp();
}, 180_000);

afterAll(async () => {
  await browser.close();
  await site.stop();
  await broker.stop();
  await built.remove();
});

/** Round trips go from 10 ms on by one, and begin again: within each bucket they are the same. */
function probesOf(from_ms: number, to_ms: number): KeptProbe[] {
  const probes: KeptProbe[] = [];
  const lately_ms = now_ms - 26 * HOUR_ms;
  for (let at_ms = from_ms; at_ms < to_ms; at_ms += at_ms >= lately_ms ? MINUTE_ms : 5 * MINUTE_ms) {
    const minute = at_ms / MINUTE_ms;
    const rtt_ms = 10 + (at_ms >= lately_ms ? minute % 5 : (minute / 5) % 12);
    for (const monitor of MONITORS) {
      if (monitor === 'pi-2' && AWAY.some((span) => isIn(at_ms, span))) continue;
      const isDown = OUTAGES.some((span) => isIn(at_ms, span));
      const received = isDown ? 0 : monitor === 'pi-3' && isIn(at_ms, LOSS) ? 3 : 4;
      probes.push({ monitor, device: 'router', at_ms, rtt_ms, received });
    }
  }
  return probes;
}

const LENGTH_ms = { '24h': DAY_ms, '7d': 7 * DAY_ms, '30d': 30 * DAY_ms } as const;

/** Of what times a page asks, where it asks for a series. */
function askedSpan(url: string): { readonly span: Span; readonly length_ms: number } | undefined {
  const { pathname, searchParams } = new URL(url);
  if (!pathname.endsWith('/api/series')) return undefined;
  const [from_ms, to_ms] = ['from', 'to'].map((name) => Date.parse(searchParams.get(name)!)) as [number, number];
  return { span: [from_ms, to_ms], length_ms: to_ms - from_ms };
}

/** The device's view, and the span that it shows. */
async function openRange(range: '24h' | '7d' | '30d'): Promise<{ page: Page; span: Span; troubles: string[] }> {
  const { page, troubles } = await openPage(browser, `${site.url}/#/device/router?range=6h`);
  await page.locator('.strip').nth(3).waitFor();
  const [answer] = await Promise.all([
    // Answers of the span before may still come.
    page.waitForResponse((response) => askedSpan(response.url())?.length_ms === LENGTH_ms[range]),
    page.evaluate((to) => (location.hash = to), `#/device/router?range=${range}`),
  ]);
  const { span } = askedSpan(answer.url())!;
  await expect.poll(() => page.locator('.ranges [aria-current=true]').innerText()).toBe(range);
  // The strips of the span before are drawn until the answer is there.
  await page.waitForTimeout(1_500);
  return { page, span, troubles };
}

interface Piece {
  readonly piece: string;
  readonly from_ms: number;
  readonly to_ms: number;
}

/** What a strip shows, in order of time. */
async function piecesOf(page: Page, name: string, [from_ms, to_ms]: Span): Promise<Piece[]> {
  const drawn = await page
    .locator('.strip', { hasText: name })
    .locator('rect:not(.strip-ground)')
    .evaluateAll((rects) =>
      rects.map((rect) => ({
        piece: rect.getAttribute('class')!.replace('strip-', ''),
        x: Number(rect.getAttribute('x')) / 1000,
        width: Number(rect.getAttribute('width')) / 1000,
      })),
    );
  return drawn
    .sort((a, b) => a.x - b.x)
    .map(({ piece, x, width }) => ({
      piece,
      from_ms: from_ms + x * (to_ms - from_ms),
      to_ms: from_ms + (x + width) * (to_ms - from_ms),
    }));
}

/** A piece of a strip, drawn from and to within eight minutes of a time, or within 83. */
function about(piece: string, [from_ms, to_ms]: Span, by: 'minutes' | 'hours'): Piece {
  const near = (at_ms: number): number => expect.closeTo(at_ms, by === 'minutes' ? -6 : -7);
  return { piece, from_ms: near(from_ms), to_ms: near(to_ms) };
}

/** What the chart says of a moment, to who points there: greatest, 95 %, median, least, lost. */
async function figuresAt(page: Page, at_ms: number, span: Span): Promise<string[]> {
  const chart = page.locator('.chart').first();
  const place = (await chart.locator('.u-over').boundingBox())!;
  await page.mouse.move(place.x + place.width * part(at_ms, span), place.y + place.height / 2);
  const values = await chart.locator('.u-legend .u-value').allInnerTexts();
  return values.slice(1).map((text) => text.replace('\u202f', ' '));
}

function part(at_ms: number, [from_ms, to_ms]: Span): number {
  return (at_ms - from_ms) / (to_ms - from_ms);
}

/** In which part of the columns of pixels between two moments the line of the medians is drawn. */
async function lineBetween(chart: Locator, [from_ms, to_ms]: Span, span: Span): Promise<number> {
  return chart.evaluate(
    (figure, [from, to]) => {
      const canvas = figure.querySelector('canvas')!;
      const plot = figure.querySelector('.u-over')!.getBoundingClientRect();
      const scale = canvas.width / canvas.getBoundingClientRect().width;
      const left = (plot.left - canvas.getBoundingClientRect().left) * scale;
      const begin = Math.ceil(left + from! * plot.width * scale);
      const width = Math.floor(left + to! * plot.width * scale) - begin;
      const { data } = canvas.getContext('2d')!.getImageData(begin, 0, width, canvas.height);
      // The colour of the line in the light theme, #0a4f7a.
      const isLine = (at: number): boolean =>
        Math.hypot(data[at]! - 0x0a, data[at + 1]! - 0x4f, data[at + 2]! - 0x7a) < 70 && data[at + 3]! > 200;
      const columns = Array.from({ length: width }, (_, x) =>
        Array.from({ length: canvas.height }, (__, y) => (y * width + x) * 4).some(isLine),
      );
      return columns.filter(Boolean).length / width;
    },
    [part(from_ms, span), part(to_ms, span)],
  );
}

describe('a month that storage has kept itself', { timeout: 60_000 }, () => {
  it('is drawn for a day by five minutes, each monitor by itself', async () => {
    const { page, span, troubles } = await openRange('24h');
    const [, recent] = OUTAGES as [Span, Span];
    const [, , away] = AWAY as [Span, Span, Span];
    const [begin, end] = span;
    const up = (from_ms: number, to_ms: number): Piece => about('up', [from_ms, to_ms], 'minutes');
    const down = about('down', recent, 'minutes');
    const lossy = about('lossy', LOSS, 'minutes');
    const after = up(recent[1], end);
    expect(await piecesOf(page, 'pi-1', span)).toEqual([up(begin, recent[0]), down, after]);
    expect(await piecesOf(page, 'pi-2', span)).toEqual([up(begin, away[0]), up(away[1], recent[0]), down, after]);
    expect(await piecesOf(page, 'pi-3', span)).toEqual([
      ...[up(begin, LOSS[0]), lossy, up(LOSS[1], recent[0])],
      ...[down, after],
    ]);
    expect(await piecesOf(page, 'All together', span)).toEqual([up(begin, recent[0]), down, after]);

    expect(await figuresAt(page, now_ms - 9 * HOUR_ms, span)).toEqual(['16 ms', '13.8 ms', '12 ms', '9 ms', '0 %']);
    expect(await figuresAt(page, recent[0] + 15 * MINUTE_ms, span)).toEqual(['–', '–', '–', '–', '100 %']);
    await page.getByRole('button', { name: 'pi-3', exact: true }).click();
    expect((await figuresAt(page, LOSS[0] + HOUR_ms / 2, span)).at(-1)).toBe('25 %');
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  it('has gaps where nobody measured: no line leads over them', async () => {
    const { page, span } = await openRange('24h');
    await page.getByRole('button', { name: 'pi-2', exact: true }).click();
    const [, , [left_ms, back_ms]] = AWAY as [Span, Span, Span];
    expect(await figuresAt(page, left_ms + HOUR_ms / 2, span)).toEqual(['–', '–', '–', '–', '–']);
    await page.mouse.move(0, 0);
    const chart = page.locator('.chart').first();
    expect(await lineBetween(chart, [left_ms - 4 * HOUR_ms, left_ms - 10 * MINUTE_ms], span)).toBeGreaterThan(0.9);
    expect(await lineBetween(chart, [left_ms + 10 * MINUTE_ms, back_ms - 10 * MINUTE_ms], span)).toBe(0);
    await page.context().close();
  });

  it.each(['7d', '30d'] as const)('is drawn for %s by hours, with their percentiles', async (range) => {
    const { page, span } = await openRange(range);
    const step_ms = 1.5 * HOUR_ms;
    const [long, recent] = OUTAGES as [Span, Span];
    const pieces = await piecesOf(page, 'pi-1', span);
    expect(pieces.map(({ piece }) => piece).filter((piece) => piece !== 'lossy')).toEqual(['up', 'down', 'up', 'up']);
    expect(pieces).toContainEqual(about('down', long, 'hours'));
    // Half an hour is half of an hour's probes, or of those of two.
    const lost = pieces.filter(({ piece }) => piece === 'lossy');
    expect(lost[0]!.from_ms).toBeGreaterThan(recent[0] - step_ms);
    expect(lost.at(-1)!.to_ms).toBeLessThan(recent[1] + step_ms);

    const away = AWAY.filter(([from_ms]) => from_ms > span[0]);
    const ups = (await piecesOf(page, 'pi-2', span)).filter(({ piece }) => piece === 'up');
    for (const [from_ms, to_ms] of away) {
      expect(ups.some((up) => Math.abs(up.to_ms - from_ms) <= step_ms)).toBe(true);
      expect(ups.some((up) => Math.abs(up.from_ms - to_ms) <= step_ms)).toBe(true);
      expect(ups.some((up) => isIn((from_ms + to_ms) / 2, [up.from_ms, up.to_ms]))).toBe(false);
    }
    const figures = await figuresAt(page, today_ms - 4 * DAY_ms + 10.5 * HOUR_ms, span);
    expect(figures).toEqual(['23 ms', expect.stringMatching(/^20.[45] ms$/), '15.5 ms', '9 ms', '0 %']);
    await page.getByRole('button', { name: 'pi-2', exact: true }).click();
    await page.mouse.move(0, 0);
    const chart = page.locator('.chart').first();
    for (const [from_ms, to_ms] of away.slice(0, -1)) {
      expect(await lineBetween(chart, [from_ms + HOUR_ms, to_ms - HOUR_ms], span)).toBe(0);
      expect(await lineBetween(chart, [from_ms - 20 * HOUR_ms, from_ms - HOUR_ms], span)).toBeGreaterThan(0.9);
    }
    await page.context().close();
  });

  it('tells for how much of it the device was up, there and in the report', async () => {
    const { page } = await openRange('24h');
    const panel = page.getByRole('region', { name: 'Availability' });
    await panel.getByText('down for 5 h 30 min').first().waitFor();
    const [days] = await panel.getByRole('list').all();
    const words = await days!.getByRole('listitem').allInnerTexts();
    expect(words).toHaveLength(30);
    expect(words.filter((text) => text.includes('down for'))).toEqual(
      expect.arrayContaining([expect.stringMatching(/79.2.%, down for 5 h$/)]),
    );
    await page.goto(`${site.url}/#/reports`);
    const first = page.getByRole('region', { name: 'Availability of devices' }).getByRole('row').nth(1);
    expect((await first.innerText()).replaceAll(/\s+/g, ' ')).toMatch(/Router 99.\d+ % 5 h 30 min/);
    const worst = page.getByRole('region', { name: 'The worst devices' }).getByRole('row').nth(1);
    expect((await worst.innerText()).replaceAll(/\s+/g, ' ')).toMatch(
      /Router 3.1 % pi-3 3.1 % ?pi-2 2.3 % ?pi-1 2.1 %/,
    );
    await page.context().close();
  });

  it('begins the lines of the list: three hours, with the outage at their beginning', async () => {
    const { page } = await openPage(browser, `${site.url}/#/devices`);
    const spark = page.locator('[data-device=router] .spark');
    await expect.poll(() => spark.locator('.spark-loss').count()).toBe(1);
    const [line, loss] = await Promise.all(
      ['.spark-line', '.spark-loss'].map((part) => spark.locator(part).getAttribute('d')),
    );
    expect(loss!.match(/v-6/g)!.length).toBeGreaterThanOrEqual(5);
    expect(line!.match(/[ML]/g)!.length).toBeGreaterThanOrEqual(29);
    expect(line!.match(/M/g)).toHaveLength(1);
    await page.context().close();
  });
});
