import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';

export async function signIn(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function liveState(page: Page, word: string): Promise<void> {
  await page.getByTestId('live-state').getByText(word, { exact: true }).waitFor();
}

export async function jobState(page: Page, word: string): Promise<void> {
  await page.getByTestId('job-state').getByText(word, { exact: true }).waitFor();
}

export async function instanceStatus(page: Page, instance: string, word: string): Promise<void> {
  const row = page.getByTestId(`instance-${instance}`);
  await row.getByTestId('instance-status').getByText(word, { exact: true }).waitFor();
}

export async function logLine(page: Page, text: string): Promise<void> {
  await page.getByRole('log').locator('[data-seq]').filter({ hasText: text }).first().waitFor();
}

export async function expectNoButtons(page: Page, names: string[]): Promise<void> {
  for (const name of names) expect(await page.getByRole('button', { name }).count()).toBe(0);
}

/** From now on. Shifts within half a second after a click do not count, as everywhere. */
export function watchLayout(page: Page): Promise<void> {
  return page.evaluate(() => {
    const seen = { shift: 0 };
    Object.assign(window, { seenLayout: seen });
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) seen.shift += entry.value;
      }
    });
    observer.observe({ type: 'layout-shift' });
  });
}

export function layoutShift(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as { seenLayout: { shift: number } }).seenLayout.shift);
}

export function colourOf(locator: ReturnType<Page['locator']>): Promise<string> {
  return locator.first().evaluate((element) => getComputedStyle(element).color);
}

/** `NAME=value` of a shell command with one setting per line. */
export function variablesOf(command: string): Record<string, string> {
  return Object.fromEntries([...command.matchAll(/^([A-Z_]+)=(\S+) \\$/gm)].map(([, name, value]) => [name!, value!]));
}
