import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { insertInstance, withClient } from '../server/test/support/access-fixtures.js';
import { ADMIN, DashboardRig, describeInBrowser } from './support/dashboard-rig.js';
import { jobState, signIn } from './support/dashboard-page.js';
import { lookAt } from './support/look-at.js';

/** A job that nobody can take, until somebody can. Each test opens its page itself; what is there is of those before it. */
describeInBrowser('why a job waits, in a real browser', () => {
  let rig: DashboardRig;
  let page: Page;
  let jobUrl: string;

  beforeAll(async () => {
    rig = await DashboardRig.start();
    page = rig.page;
    const { id } = await rig.created('/runners', { name: 'build-pool' });
    await insertInstance(rig.database.url, id, 'pool-0', { connected: true, lastSeenSecondsAgo: 0 });
    const requires = { tools: ['terraform@>=1.5 <2'] };
    const job = await rig.created('/jobs', { name: 'plan the network', steps: [{ run: 'terraform plan' }], requires });
    jobUrl = `${rig.url}/jobs/${job.id}`;
    await page.goto(`${rig.url}/jobs`);
    await signIn(page, ADMIN);
  });

  afterAll(() => rig?.stop());

  test('a job that nobody could ever take is loud in the list, within 30 seconds and by itself', async () => {
    await page.getByText('No runner fits').waitFor();
    await lookAt(page, 'e2e-list-no-runner-fits');
  });

  test('its page names for each runner the first rule that says no', async () => {
    await page.goto(`${rig.url}/jobs`);
    await page.getByRole('link', { name: 'plan the network', exact: true }).click();
    await verdict('no_runner_matches');
    const row = page.locator('[data-rule="tool_missing"]');
    await row.getByText('It does not have the tool terraform.').waitFor();
    expect(await row.innerText()).toContain('build-pool / pool-0');
    await lookAt(page, 'e2e-explain');
  });

  test('the words follow what happens, without a click', async () => {
    await page.goto(jobUrl);
    await verdict('no_runner_matches');
    await arrange(
      `UPDATE runner_instances SET last_seen_at = clock_timestamp() - interval '1 hour',
         tools = '[{"name":"terraform","version":"Terraform v1.4.0"}]'`,
    );
    await page.locator('[data-rule="tool_version"]').getByText('is 1.4.0, and >=1.5 <2 is required').waitFor();
    await arrange(`UPDATE runner_instances SET tools = '[{"name":"terraform","version":"Terraform v1.9.8"}]'`);
    await verdict('waiting_for_runner');
    await jobState(page, 'Queued');
    await arrange(
      `UPDATE runner_instances SET session_id = gen_random_uuid(), last_seen_at = clock_timestamp() + interval '1 hour'`,
    );
    await verdict('can_start_now');
  });

  test('jobs like this one are held back with a reason, and let go again', async () => {
    await page.goto(jobUrl);
    await page.getByRole('button', { name: 'Pause jobs like this' }).click();
    await hold('Pause them', 'the state file is locked');
    await verdict('held_by_pause');
    expect(await page.getByTestId('verdict').innerText()).toContain('the state file is locked');
    await page.getByRole('button', { name: 'Resume jobs like this' }).click();
    await verdict('can_start_now');
  });

  test('the organization and the installation are held back; the page still fits the window below the banners', async () => {
    await page.goto(jobUrl);
    await askInMenu('Pause the organization…');
    await hold('Pause all its jobs', 'nobody is on call');
    await page.getByText('nobody is on call').first().waitFor();
    await askInMenu('Start maintenance…');
    await lookAt(page, 'e2e-start-maintenance');
    await hold('Start maintenance', 'the disks are being replaced');
    await page.getByText('the disks are being replaced').first().waitFor();
    await page.waitForFunction(() => document.documentElement.scrollHeight <= innerHeight);
    await lookAt(page, 'e2e-held');
    // a banner that goes moves the next one: what is clicked in that moment is beside the button
    for (const name of ['End maintenance', 'Resume']) {
      const button = page.getByRole('button', { name, exact: true });
      await button.click();
      await button.waitFor({ state: 'hidden' });
    }
    await verdict('can_start_now');
  });

  test('an administrator changes the priority of a runner', async () => {
    await page.goto(`${rig.url}/runners`);
    await page.getByRole('button', { name: 'Priority 0 of runner build-pool: change' }).click();
    await page.getByLabel('Priority', { exact: true }).fill('25');
    await lookAt(page, 'e2e-runner-priority');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Priority 25').waitFor();
    await arrange('UPDATE runners SET is_assigned_to_all_modules = false');
    await page.reload();
    await page.getByText('assigned to nothing: only jobs that name it').waitFor();
  });

  test('an instance is drained with a deadline, and undrained', async () => {
    await arrange('UPDATE runner_instances SET draining = false');
    await page.goto(`${rig.url}/runners`);
    await page.getByRole('button', { name: 'Drain pool-0' }).click();
    await page.getByLabel('Give up what still runs after').fill('30');
    await lookAt(page, 'e2e-drain');
    await page.getByRole('dialog').getByRole('button', { name: 'Drain pool-0' }).click();
    await page.getByText('gives up its jobs at').waitFor();
    const [drain] = await arrange(
      'SELECT drain_requested, drain_deadline > clock_timestamp() AS later FROM runner_instances',
    );
    expect(drain).toEqual({ drain_requested: true, later: true });
    await page.getByRole('button', { name: 'Undrain pool-0' }).click();
    await page.getByRole('button', { name: 'Drain pool-0', exact: true }).waitFor();
    expect(rig.mishaps).toEqual([]);
  });

  async function verdict(code: string): Promise<void> {
    await page.locator(`[data-testid="verdict"][data-verdict="${code}"]`).waitFor();
  }

  async function hold(confirm: string, note: string): Promise<void> {
    await page.getByRole('dialog').getByRole('textbox').fill(note);
    await page.getByRole('dialog').getByRole('button', { name: confirm }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  }

  async function askInMenu(item: string): Promise<void> {
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitem', { name: item }).click();
  }

  async function arrange(statement: string): Promise<unknown[]> {
    const { rows } = await withClient(rig.database.url, (client) => client.query<object>(statement));
    return rows;
  }
});
