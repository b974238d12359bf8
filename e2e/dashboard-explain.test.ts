import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { insertInstance, withClient } from '../server/test/support/access-fixtures.js';
import { createTestDatabase, type TestDatabase } from '../server/test/support/test-database.js';
import { noBrowserReason, openBrowser, screenshot, type TestBrowser } from './support/browser.js';
import { eventually } from './support/eventually.js';
import { freePort } from './support/free-port.js';
import { startListening, type Listening } from './support/part-process.js';

const ADMIN = { email: 'ada@example.com', password: 'correct horse battery' };
const CLIENT = { id: 'e2e', secret: 'e2e-secret-of-32-characters-long' };
const WITHIN = { timeout: 40_000 };

if (noBrowserReason) console.warn(`Explanations are NOT tested in a browser: ${noBrowserReason}.`);
const describeInBrowser = noBrowserReason ? describe.skip : describe;

/** A job that nobody can take, until somebody can: each test goes on where the one before ended. */
describeInBrowser('why a job waits, in a real browser', () => {
  let database: TestDatabase;
  let server: Listening;
  let dashboard: Listening;
  let browser: TestBrowser;
  let page: Page;
  let runnerId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    const [serverPort, dashboardPort] = [await freePort(), await freePort()];
    server = await startListening('server', 'server/dist/main.js', {
      PORT: String(serverPort),
      HOST: '127.0.0.1',
      DATABASE_URL: database.url,
      DIBS_ENCRYPTION_KEY: 'key-of-the-dashboard-test-0123456789',
      DIBS_ADMIN_EMAIL: ADMIN.email,
      DIBS_ADMIN_PASSWORD: ADMIN.password,
      DIBS_BOOTSTRAP_CLIENT_ID: CLIENT.id,
      DIBS_BOOTSTRAP_CLIENT_SECRET: CLIENT.secret,
      DASHBOARD_ORIGIN: `http://127.0.0.1:${dashboardPort}`,
    });
    dashboard = await startListening('dashboard', 'dashboard/server.mjs', {
      DASHBOARD_PORT: String(dashboardPort),
      HOST: '127.0.0.1',
      DIBS_SERVER_URL: server.url,
    });
    browser = await openBrowser({ locale: 'en-GB' });
    page = browser.page;
    runnerId = await created('/runners', { name: 'build-pool' });
    await insertInstance(database.url, runnerId, 'pool-0', { connected: true, lastSeenSecondsAgo: 0 });
    const requires = { tools: ['terraform@>=1.5 <2'] };
    await created('/jobs', { name: 'plan the network', steps: [{ run: 'terraform plan' }], requires });
    await page.goto(`${dashboard.url}/jobs`);
    await page.getByLabel('E-mail').fill(ADMIN.email);
    await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  });

  afterAll(async () => {
    await browser?.close();
    for (const part of [dashboard, server]) {
      part?.process.signal('SIGTERM');
      await part?.process.endsWithin(15_000);
    }
    await database?.drop();
  });

  test('a job that nobody could ever take is loud in the list, within 30 seconds and by itself', async () => {
    await page.getByText('No runner fits').waitFor({ timeout: 30_000 });
    await screenshot(page, 'e2e-list-no-runner-fits');
  });

  test('its page names for each runner the first rule that says no', async () => {
    await page.getByRole('link', { name: 'plan the network' }).click(WITHIN);
    await verdict('no_runner_matches');
    const row = page.locator('[data-rule="tool_missing"]');
    await row.getByText('It does not have the tool terraform.').waitFor(WITHIN);
    expect(await row.innerText()).toContain('build-pool / pool-0');
    await screenshot(page, 'e2e-explain-light');
  });

  test('the words follow what happens, without a click', async () => {
    await arrange(
      `UPDATE runner_instances SET last_seen_at = clock_timestamp() - interval '1 hour',
         tools = '[{"name":"terraform","version":"Terraform v1.4.0"}]'`,
    );
    await page.locator('[data-rule="tool_version"]').getByText('is 1.4.0, and >=1.5 <2 is required').waitFor(WITHIN);
    await arrange(`UPDATE runner_instances SET tools = '[{"name":"terraform","version":"Terraform v1.9.8"}]'`);
    await verdict('waiting_for_runner');
    await page.getByTestId('job-state').getByText('Queued').waitFor({ timeout: 30_000 });
    await arrange(
      `UPDATE runner_instances SET session_id = gen_random_uuid(), last_seen_at = clock_timestamp() + interval '1 hour'`,
    );
    await verdict('can_start_now');
  });

  test('jobs like this one are held back with a reason, and let go again', async () => {
    await page.getByRole('button', { name: 'Pause jobs like this' }).click();
    await hold('Pause them', 'the state file is locked');
    await verdict('held_by_pause');
    expect(await page.getByTestId('verdict').innerText()).toContain('the state file is locked');
    await page.getByRole('button', { name: 'Resume jobs like this' }).click();
    await verdict('can_start_now');
  });

  test('the organization and the installation are held back; the page still fits the window below the banners', async () => {
    await askInMenu('Pause the organization…');
    await hold('Pause all its jobs', 'nobody is on call');
    await page.getByText('nobody is on call').first().waitFor(WITHIN);
    await askInMenu('Start maintenance…');
    await screenshot(page, 'e2e-start-maintenance');
    await hold('Start maintenance', 'the disks are being replaced');
    await page.getByText('the disks are being replaced').first().waitFor(WITHIN);
    await fitsTheWindow('scrollHeight');
    await screenshot(page, 'e2e-held-light');
    // a banner that goes moves the next one: what is clicked in that moment is beside the button
    for (const name of ['End maintenance', 'Resume']) {
      const button = page.getByRole('button', { name, exact: true });
      await button.click();
      await button.waitFor({ state: 'hidden', ...WITHIN });
    }
    await verdict('can_start_now');
  });

  test('dark, and on a phone', async () => {
    await page.evaluate(() => document.documentElement.setAttribute('data-mantine-color-scheme', 'dark'));
    await arrange(`UPDATE runner_instances SET labels = '{}', draining = true`);
    await verdict('waiting_for_runner');
    await screenshot(page, 'e2e-explain-dark');
    await page.setViewportSize({ width: 390, height: 844 });
    await fitsTheWindow('scrollWidth');
    await screenshot(page, 'e2e-explain-phone');
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  test('an administrator changes the priority of a runner', async () => {
    await page.goto(`${dashboard.url}/runners`);
    await page.getByRole('button', { name: 'Priority 0 of runner build-pool: change' }).click(WITHIN);
    await page.getByLabel('Priority', { exact: true }).fill('25');
    await screenshot(page, 'e2e-runner-priority');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Priority 25').waitFor(WITHIN);
    await arrange('UPDATE runners SET is_assigned_to_all_modules = false');
    await page.reload();
    await page.getByText('assigned to nothing: only jobs that name it').waitFor(WITHIN);
  });

  test('an instance is drained with a deadline, and undrained', async () => {
    await arrange('UPDATE runner_instances SET draining = false');
    await page.reload();
    await page.getByRole('button', { name: 'Drain pool-0' }).click(WITHIN);
    await page.getByLabel('Give up what still runs after').fill('30');
    await screenshot(page, 'e2e-drain');
    await page.getByRole('dialog').getByRole('button', { name: 'Drain pool-0' }).click();
    await page.getByText('gives up its jobs at').waitFor(WITHIN);
    const [drain] = await arrange(
      'SELECT drain_requested, drain_deadline > clock_timestamp() AS later FROM runner_instances',
    );
    expect(drain).toEqual({ drain_requested: true, later: true });
    await page.getByRole('button', { name: 'Undrain pool-0' }).click();
    await page.getByRole('button', { name: 'Drain pool-0', exact: true }).waitFor(WITHIN);
    expect(browser.mishaps).toEqual([]);
  });

  async function verdict(code: string): Promise<void> {
    await page.locator(`[data-testid="verdict"][data-verdict="${code}"]`).waitFor(WITHIN);
  }

  async function hold(confirm: string, note: string): Promise<void> {
    await page.getByRole('dialog').getByRole('textbox').fill(note);
    await page.getByRole('dialog').getByRole('button', { name: confirm }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden', ...WITHIN });
  }

  /** Once what moves after a change of the window or a click has come to rest. */
  function fitsTheWindow(extent: 'scrollWidth' | 'scrollHeight'): Promise<true> {
    return eventually(`${extent} of the page is at most the window's`, async () => {
      const [wanted, room] = await page.evaluate(
        (name) => [document.documentElement[name], name === 'scrollWidth' ? innerWidth : innerHeight] as const,
        extent,
      );
      return wanted <= room ? true : undefined;
    });
  }

  async function askInMenu(item: string): Promise<void> {
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitem', { name: item }).click(WITHIN);
  }

  async function arrange(statement: string): Promise<unknown[]> {
    const { rows } = await withClient(database.url, (client) => client.query<object>(statement));
    return rows;
  }

  async function created(route: string, body: unknown): Promise<string> {
    const form = { grant_type: 'client_credentials', client_id: CLIENT.id, client_secret: CLIENT.secret };
    const granted = await fetch(`${server.url}/connect/token`, { method: 'POST', body: new URLSearchParams(form) });
    const { access_token: token } = (await granted.json()) as { access_token: string };
    const response = await fetch(`${server.url}/api/v1${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(201);
    return ((await response.json()) as { id: string }).id;
  }
});
