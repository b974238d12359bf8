import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { endLater } from '../support/ending.js';
import { LogWriter } from '../support/log-writer.js';
import { PageMeter } from '../support/page-meter.js';
import { TestBed } from '../support/test-bed.js';
import type { Benchmark, Figures } from './benchmark.js';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'];
const ADMIN = { email: 'bench@example.com', password: 'correct horse battery' };
const LINES = 1_000_000;
const LINES_PER_SECOND = 2_000;
const SCROLL_MS = 10_000;
const TRACE_MS = 10_000;
const WITHIN = { timeout: 120_000 };
/** Lines that were printed before the first of two looks at the memory: by then the page holds as many as it ever will. */
const WARM_UP_MS = 20_000;

/** The page of a running job in a real browser. Needs Chromium and a built dashboard. */
export const logPage: Benchmark = {
  name: 'log-page',
  measures: `the job page with ${LINES.toLocaleString('en')} coloured lines: open, search, scroll, follow ${LINES_PER_SECOND} lines/s`,
  onDemand: true,
  async run({ tell, quick }) {
    if (!existsSync(CHROMIUM)) throw new Error(`no Chromium at ${CHROMIUM}; name another by CHROMIUM_PATH`);
    const followMs = quick ? 2_000 : Number(process.env.BENCH_FOLLOW_SECONDS ?? 600) * 1_000;
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const bed = await TestBed.start({
      serverEnv: {
        DIBS_ADMIN_EMAIL: ADMIN.email,
        DIBS_ADMIN_PASSWORD: ADMIN.password,
        DASHBOARD_ORIGIN: origin,
        // a million lines are more than a log may usually hold
        DIBS_LOG_LIMIT_MIB: '1024',
      },
    });
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    const hasEnded = endLater('processes', () => browser.close());
    try {
      const dashboard = bed.spawn('dashboard', 'dashboard/server.mjs', {
        DASHBOARD_PORT: String(port),
        HOST: '127.0.0.1',
        DIBS_SERVER_URL: bed.url,
      });
      await dashboard.hears('listening');
      const writer = await LogWriter.start(bed);
      await writer.write(quick ? 5_000 : LINES);
      tell(`${writer.lastSeq} lines written`);
      return await measure({ browser, origin, writer, followMs, quick, tell });
    } finally {
      await browser.close();
      hasEnded();
      await bed.stop();
    }
  },
};

interface Measure {
  readonly browser: Browser;
  readonly origin: string;
  readonly writer: LogWriter;
  readonly followMs: number;
  readonly quick: boolean;
  readonly tell: (line: string) => void;
}

async function measure({ browser, origin, writer, followMs, quick, tell }: Measure): Promise<Figures> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await signIn(page, origin);
  const meter = await PageMeter.on(browser, page);
  const open_tail_ms = await timed(async () => {
    await page.goto(`${origin}/jobs/${writer.jobId}`);
    await lineShown(page, writer.lastSeq);
  });
  tell(`tail shown after ${open_tail_ms} ms`);
  const search_ms = await search(page, meter);
  tell(`searched in ${search_ms} ms`);
  const scroll = await meter.during(() => scrollUp(page, quick ? 500 : SCROLL_MS));
  tell(`scrolled: ${JSON.stringify(scroll)}`);

  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await lineShown(page, writer.lastSeq);
  writer.pace(LINES_PER_SECOND);
  await delay(quick ? 500 : WARM_UP_MS);
  const before = await meter.heap();
  const longest_task_cpu_ms = await meter.longestTaskCpuMs(() => delay(quick ? 500 : TRACE_MS));
  const follow = await meter.during(() => delay(followMs));
  const after = await meter.heap();
  await writer.stop();
  await lineShown(page, writer.lastSeq);
  tell(`followed: ${JSON.stringify(follow)}`);
  return { open_tail_ms, search_ms, scroll, follow: { ...follow, longest_task_cpu_ms, before, after } };
}

async function signIn(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/jobs`);
  await page.getByLabel('E-mail').fill(ADMIN.email, WITHIN);
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'a million lines' }).waitFor(WITHIN);
}

async function search(page: Page, meter: PageMeter): Promise<number> {
  await page.getByRole('log').press('/');
  await page.getByRole('textbox', { name: 'Search the log' }).fill('connection REFUSED');
  const ms = await meter.fromKeyToText('Enter', '[data-testid=log-found]', '1 of ');
  await page.locator('[data-hit]').waitFor(WITHIN);
  await page.keyboard.press('Escape');
  // back to the end: what is scrolled over then is not loaded yet
  await page.getByRole('log').press('End');
  await page.getByRole('button', { name: 'Jump to latest' }).waitFor({ state: 'hidden', ...WITHIN });
  return ms;
}

async function scrollUp(page: Page, forMs: number): Promise<void> {
  await page.mouse.move(900, 600);
  for (const until = performance.now() + forMs; performance.now() < until;) await page.mouse.wheel(0, -700);
}

async function lineShown(page: Page, seq: number): Promise<void> {
  await page.locator(`[data-seq="${seq}"]`).waitFor(WITHIN);
}

async function timed(action: () => Promise<void>): Promise<number> {
  const startedAtMs = performance.now();
  await action();
  return Math.round(performance.now() - startedAtMs);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
