import { gzipSync } from 'node:zlib';
import type { Page, Response } from 'playwright-core';

/**
 * The scripts that opening a page for the first time brings over the line, compressed as the dashboard compresses them.
 * @param open opens the page and waits until all of it is shown
 * @returns the largest first
 */
export async function scriptsOf(page: Page, open: () => Promise<void>): Promise<{ path: string; bytes: number }[]> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
  const answers = new Map<string, Response>();
  const keep = (response: Response): void => {
    const { pathname } = new URL(response.url());
    if (pathname.endsWith('.js')) answers.set(pathname, response);
  };
  page.on('response', keep);
  await open();
  page.off('response', keep);
  // what the browser says of compressed sizes is wrong for scripts that were loaded ahead
  const weighed = [...answers].map(async ([path, response]) => ({
    path,
    bytes: gzipSync(await response.body()).length,
  }));
  const scripts = await Promise.all(weighed);
  await devtools.detach();
  return scripts.sort((one, other) => other.bytes - one.bytes);
}

/** @returns what to say of scripts that weigh more than they may, or nothing at all; empty: they keep to it */
export function tooHeavy(scripts: readonly { path: string; bytes: number }[], mostBytes: number): string[] {
  const weight = scripts.reduce((sum, { bytes }) => sum + bytes, 0);
  if (weight > 0 && weight <= mostBytes) return [];
  return [`${weight} bytes of scripts`, ...scripts.slice(0, 10).map(({ path, bytes }) => `${bytes} ${path}`)];
}
