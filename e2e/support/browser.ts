import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Why browser tests cannot run here; null: they can. */
export const noBrowserReason = existsSync(CHROMIUM)
  ? null
  : `no Chromium at ${CHROMIUM} (install Debian's chromium, or name another by CHROMIUM_PATH)`;

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const PATIENCE_MS = 60_000;

export interface TestBrowser {
  readonly page: Page;
  /** Errors that the pages threw, and dialogs that they opened: both must stay empty. */
  readonly mishaps: readonly string[];
  close(): Promise<void>;
}

/** A browser of its own with an empty profile. */
export async function openBrowser(options: BrowserContextOptions = {}): Promise<TestBrowser> {
  const profile = mkdtempSync(path.join(tmpdir(), 'dibs-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: FLAGS,
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  // a machine with too much to do is slow, not broken
  context.setDefaultTimeout(PATIENCE_MS);
  const mishaps: string[] = [];
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) mishaps.push(`policy: ${message.text()}`);
  });
  page.on('pageerror', (error) => mishaps.push(`page error: ${error.message}`));
  page.on('dialog', (dialog) => {
    mishaps.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, mishaps, close: () => close(context, profile) };
}

async function close(context: BrowserContext, profile: string): Promise<void> {
  await context.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}

const SHOTS = path.resolve(import.meta.dirname, '../../artifacts/screenshots');

/** Keeps a picture of the page for people to look at (`artifacts/screenshots`, not in the repository). */
export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
}
