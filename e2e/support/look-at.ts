import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { graveFindings } from './accessibility.js';
import { screenshot } from './browser.js';

const [WIDE, PHONE] = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

/** The pictures, and axe has nothing serious to say of the page by day and by night. */
export async function lookAt(page: Page, name: string): Promise<void> {
  const findings = await graveFindings(page);
  await wear(page, 'dark');
  // the other rules do not ask for colours
  findings.push(...(await graveFindings(page, { runOnly: ['color-contrast'] })).map((found) => `dark: ${found}`));
  await wear(page, 'light');
  expect(findings).toEqual([]);
  await picturesOf(page, name);
}

/** Keeps what the page looks like by day, by night and on a phone, where nothing sticks out. It is by day and wide afterwards. */
export async function picturesOf(page: Page, name: string): Promise<void> {
  await screenshot(page, `${name}-light`);
  await wear(page, 'dark');
  await screenshot(page, `${name}-dark`);
  await page.setViewportSize(PHONE);
  await page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth, undefined, { timeout: 20_000 });
  await screenshot(page, `${name}-phone`);
  await page.setViewportSize(WIDE);
  await wear(page, 'light');
}

async function wear(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await page.evaluate((wanted) => document.documentElement.setAttribute('data-mantine-color-scheme', wanted), scheme);
  // colours that fade from one to the other would be measured on their way
  await page.evaluate(async () => {
    const fading = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    await Promise.all(fading.map((animation) => animation.finished.catch(() => {})));
  });
}
