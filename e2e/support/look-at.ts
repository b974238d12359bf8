import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { findingsOf } from './accessibility.js';
import { screenshot } from './browser.js';

const [WIDE, PHONE] = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

/**
 * Keeps what the page looks like by day, by night and on a phone, where nothing sticks out; and axe has nothing to say of any of
 * them. It is by day and wide afterwards.
 */
export async function lookAt(page: Page, name: string): Promise<void> {
  // a tip opens some time after the pointer came: it would be measured half opened
  await page.mouse.move(0, 0);
  await page.getByRole('tooltip').first().waitFor({ state: 'detached' });
  // such as a dialog that was just closed
  await rest(page);
  await screenshot(page, `${name}-light`);
  const findings = await findingsOf(page);
  await wear(page, 'dark');
  await screenshot(page, `${name}-dark`);
  // the other rules do not ask for colours
  findings.push(...(await findingsOf(page, { runOnly: ['color-contrast'] })).map((found) => `dark: ${found}`));
  await page.setViewportSize(PHONE);
  await page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth);
  await rest(page);
  await screenshot(page, `${name}-phone`);
  // and this one does not ask for the width
  const others = { 'color-contrast': { enabled: false } };
  findings.push(...(await findingsOf(page, { rules: others })).map((found) => `on a phone: ${found}`));
  await page.setViewportSize(WIDE);
  await wear(page, 'light');
  expect(findings).toEqual([]);
}

async function wear(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await page.evaluate((wanted) => document.documentElement.setAttribute('data-mantine-color-scheme', wanted), scheme);
  await rest(page);
}

/** What fades or moves would be measured on its way. */
function rest(page: Page): Promise<void> {
  return page.evaluate(async () => {
    // what has just changed begins to move in the next frame; a page in the background has none
    await Promise.race([new Promise(requestAnimationFrame), new Promise((resume) => setTimeout(resume, 100))]);
    const moving = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    await Promise.all(moving.map((animation) => animation.finished.catch(() => {})));
  });
}
