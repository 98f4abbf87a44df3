import { systemProgram } from '@guaita/lab';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Starts Debian's Chromium, unseen. */
export function startBrowser(executablePath = systemProgram('chromium')): Promise<Browser> {
  return chromium.launch({ executablePath });
}

/** A page, and all that went wrong in it: errors of scripts, what the Content-Security-Policy refused, what was not found. */
export interface WatchedPage {
  readonly page: Page;
  readonly troubles: string[];
}

const REFUSED = /^Failed to load resource: the server responded with a status of 4\d\d/;

/** Opens an address and watches for what goes wrong. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    // What a server refuses Chromium tells by itself: what the page makes of that is what matters.
    if (message.type() === 'error' && !REFUSED.test(message.text())) troubles.push(message.text());
  });
  await page.goto(url);
  return { page, troubles };
}
