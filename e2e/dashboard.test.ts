import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ADMIN, DashboardRig, describeInBrowser } from './support/dashboard-rig.js';
import {
  expectNoButtons,
  instanceStatus,
  jobState,
  liveState,
  logLine,
  signIn,
  variablesOf,
} from './support/dashboard-page.js';
import { lookAt } from './support/look-at.js';
import type { PartProcess } from './support/part-process.js';

const COLLEAGUE = { email: 'eve@example.com', password: 'staple battery horse' };

/** One day in the life of an administrator. Each test opens its page itself; what is there is of those before it. */
describeInBrowser('the dashboard in a real browser', () => {
  let rig: DashboardRig;
  let page: Page;
  /** Of somebody else, from the moment there is somebody. */
  let theirs: Page;
  let colleagueId: string;
  let runner: PartProcess;
  let runnerEnv: Record<string, string>;

  beforeAll(async () => {
    rig = await DashboardRig.start();
    page = rig.page;
  });

  afterAll(() => rig?.stop());

  test('a wrong password is answered in words; the right one leads back to where one wanted to go', async () => {
    await page.goto(`${rig.url}/runners`);
    await page.getByRole('heading', { name: 'Sign in to Dibs' }).waitFor();
    await lookAt(page, 'e2e-sign-in');
    await signIn(page, { ...ADMIN, password: 'wrong password' });
    await page.getByRole('alert').getByText('E-mail address or password is wrong.').waitFor();
    await signIn(page, ADMIN);
    await page.getByRole('heading', { name: 'Runners', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/runners');
    await liveState(page, 'Live');
  });

  test('registering a runner shows the command that starts it, and it comes online by itself', async () => {
    await page.goto(`${rig.url}/runners`);
    await page.getByRole('button', { name: 'Register a runner' }).first().click();
    await page.getByLabel('Name').fill('build-pool');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    const command = await page.getByLabel('the shell command', { exact: true }).innerText();
    expect(command).toContain('npm run runner');
    await lookAt(page, 'e2e-register');
    await page.getByRole('tab', { name: 'Kubernetes' }).click();
    await page.getByText('kind: StatefulSet').waitFor();
    await page.getByRole('button', { name: 'I have copied it' }).click();

    runnerEnv = {
      ...variablesOf(command),
      RUNNER_INSTANCE: 'pool-0',
      RUNNER_WORK_DIR: path.join(rig.folder, 'work'),
    };
    runner = rig.startRunner(runnerEnv);
    await instanceStatus(page, 'pool-0', 'Online');
  });

  test('the form tells who would take the job, puts what is wrong at its field, and leads to the job', async () => {
    await page.goto(`${rig.url}/jobs/new`);
    const whatIf = (words: string) => page.getByTestId('what-if').getByText(words).waitFor();
    await page.getByLabel('Script').fill('echo from the form');
    await whatIf('One runner can take this now');
    await page.getByRole('combobox', { name: 'Runner', exact: true }).fill('nobody');
    await whatIf('No runner can take this now');
    await page.getByRole('combobox', { name: 'Runner', exact: true }).fill('');
    await page.getByRole('button', { name: 'Add a step' }).click();
    await page.getByTestId('step-1').getByLabel('Script').fill('echo moved up');
    await page.getByRole('button', { name: 'Move step 2 up' }).click();
    await page.getByRole('button', { name: 'Add a variable' }).click();
    await page.getByLabel('Name of variable 1').fill('1 BAD');
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await page.getByRole('group', { name: 'Variables' }).getByRole('alert').getByText('1 BAD').waitFor();
    await page.locator('[aria-label="Name of variable 1"]:focus').waitFor();
    await lookAt(page, 'e2e-submit');
    await page.getByLabel('Name of variable 1').fill('GOOD');
    await page.getByLabel('Name', { exact: true }).fill('sent twice, made once');
    await page.getByRole('button', { name: 'Add a file' }).click();
    await page.getByLabel('Path of file 1').fill('../escape');
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await page.getByRole('group', { name: 'Files' }).getByRole('alert').waitFor();
    await page.getByLabel('Path of file 1').fill('words.txt');
    // the answers to the first try and its repetitions are lost on the way, so it is sent once more by hand
    let answersToCut = 3;
    await page.route('**/api/v1/jobs', async (route) => {
      if (route.request().method() !== 'POST' || answersToCut === 0) return route.fallback();
      answersToCut -= 1;
      await route.fetch();
      await route.abort();
    });
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await page.getByRole('alert').getByText('The dashboard cannot be reached').waitFor();
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await logLine(page, 'from the form');
    await jobState(page, 'Succeeded');
    const lines = await page.getByRole('log').locator('[data-stream="stdout"]').allInnerTexts();
    expect(lines.map((line) => /moved up|from the form/.exec(line)?.[0])).toEqual(['moved up', 'from the form']);
    expect(answersToCut).toBe(0);
    const made = await rig.api('GET', '/jobs?q=sent%20twice');
    expect(((await made.json()) as { items: unknown[] }).items).toHaveLength(1);
    await page.getByRole('link', { name: 'Retry with changes' }).click();
    await page.getByRole('heading', { name: 'Retry with changes' }).waitFor();
    await page.getByTestId('step-1').waitFor();
    expect(await page.getByTestId('step-0').getByLabel('Script').inputValue()).toBe('echo moved up');
    expect(await page.getByLabel('Name of variable 1').inputValue()).toBe('GOOD');
  });

  test('the overview shows what happens, and leads to the cause of what does not', async () => {
    await page.goto(`${rig.url}/jobs`);
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await page.getByTestId('figure-runners-online').getByText('1', { exact: true }).waitFor();
    await page.getByTestId('figure-success').getByText('100 %').waitFor();
    const response = await rig.api('POST', '/jobs', { steps: [{ run: 'true' }], requires: { tools: ['cobol'] } });
    const { id } = (await response.json()) as { id: string };
    const alert = page.locator('[data-alert="no_runner_matches"]');
    await alert.getByText('One job waits (tool cobol)').waitFor();
    await page.locator('[data-standing="no_runner_matches"]').waitFor();
    await lookAt(page, 'e2e-overview');
    await alert.getByRole('link', { name: 'Why, runner by runner' }).click();
    await page.locator('[data-rule="tool_missing"]').waitFor();
    expect((await rig.api('POST', `/jobs/${id}/cancel`, {})).status).toBe(202);
    await jobState(page, 'Canceled');
    expect(rig.mishaps).toEqual([]);
  });

  test('canceling shows that it is wanted, then that it is done', async () => {
    const id = await rig.submit('to be canceled', ['echo started; sleep 600']);
    await page.goto(`${rig.url}/jobs/${id}`);
    await logLine(page, 'started');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('menuitem', { name: /^Cancel Signals/ }).click();
    await jobState(page, 'Canceled');
    await page.getByRole('button', { name: 'Retry' }).waitFor();
  });

  test('attempts stand side by side, each with its steps and its log', async () => {
    const tried = path.join(rig.folder, 'tried');
    const { id } = await rig.created('/jobs', {
      name: 'succeeds when tried again',
      retry: { maxAttempts: 2, onExitCodes: [75], backoffSeconds: 1 },
      steps: [
        { name: 'fetch', run: 'echo fetched' },
        { name: 'build', run: `[ -e ${tried} ] || { touch ${tried}; echo not yet; exit 75; }; echo built` },
      ],
    });
    await page.goto(`${rig.url}/jobs/${id}`);
    await jobState(page, 'Succeeded');
    await logLine(page, 'built');
    const attempts = page.getByRole('region', { name: 'Attempts' });
    await attempts.getByText('ended at step 2 of 2, build').waitFor();
    const build = page.getByTestId('step-1');
    expect(await build.getAttribute('data-state')).toBe('succeeded');
    await lookAt(page, 'e2e-attempts');
    await attempts.getByRole('button', { name: 'Show the steps and the log of attempt 1' }).click();
    await page.getByRole('heading', { name: 'Steps of attempt 1' }).waitFor();
    await build.getByText('exit code 75').waitFor();
    await logLine(page, 'not yet');
    expect(await page.getByRole('log').innerText()).not.toContain('built');
  });

  test('a drain is seen by others as it happens, who may take it back', async () => {
    const colleague = await rig.created('/users', { ...COLLEAGUE, role: 'administrator' });
    colleagueId = colleague.id;
    theirs = await rig.openBrowser();
    await theirs.goto(`${rig.url}/runners`);
    await signIn(theirs, COLLEAGUE);
    await page.goto(`${rig.url}/jobs`);
    await page.getByRole('link', { name: 'Runners', exact: true }).click();
    for (const each of [page, theirs]) {
      await liveState(each, 'Live');
      await instanceStatus(each, 'pool-0', 'Online');
    }
    await page.getByRole('button', { name: 'Actions for runner build-pool' }).click();
    await page.getByRole('menuitem', { name: 'Drain all instances…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drain all instances' }).click();
    for (const each of [page, theirs]) await instanceStatus(each, 'pool-0', 'Draining');
    await theirs.getByRole('button', { name: 'Undrain pool-0' }).click();
    for (const each of [theirs, page]) await instanceStatus(each, 'pool-0', 'Online');
  });

  test('a runner that dies is offline at once and online when it is back, without a reload', async () => {
    for (const each of [page, theirs]) {
      await each.goto(`${rig.url}/runners`);
      await liveState(each, 'Live');
    }
    await runner.kill();
    for (const each of [page, theirs]) await instanceStatus(each, 'pool-0', 'Offline');
    await page.getByRole('button', { name: 'Connections of pool-0' }).click();
    await page.locator('[data-planned="false"]').first().waitFor();
    await lookAt(page, 'e2e-connections');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await lookAt(page, 'e2e-runner-offline');
    runner = rig.startRunner(runnerEnv);
    for (const each of [page, theirs]) await instanceStatus(each, 'pool-0', 'Online');
  });

  test('viewers may look and are offered nothing else', async () => {
    expect((await rig.api('PATCH', `/users/${colleagueId}`, { role: 'viewer' })).status).toBe(200);
    await theirs.goto(`${rig.url}/runners`);
    await instanceStatus(theirs, 'pool-0', 'Online');
    await expectNoButtons(theirs, ['Register a runner', 'Drain', 'Actions for runner', 'Pause']);
    await theirs.goto(`${rig.url}/jobs/new`);
    await theirs.getByText('You may not submit jobs').waitFor();
    const asViewer = { data: { steps: [{ run: 'true' }] }, headers: { origin: rig.url } };
    expect((await theirs.request.post(`${rig.url}/api/v1/jobs`, asViewer)).status()).toBe(403);
    await theirs.getByRole('link', { name: 'Jobs', exact: true }).click();
    const job = theirs.getByRole('link', { name: 'sent twice, made once' });
    await job.waitFor();
    expect(await theirs.getByRole('link', { name: 'Submit a job' }).count()).toBe(0);
    await job.click();
    await logLine(theirs, 'from the form');
    await expectNoButtons(theirs, ['Retry', 'Cancel', 'Pause jobs like this']);
    await theirs.getByRole('button', { name: /^Account/ }).click();
    await theirs.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    const offered = await theirs.getByRole('menuitem').allInnerTexts();
    expect(offered).toEqual(['Change password…', 'Sign out']);
    expect(rig.mishaps).toEqual([]);
  });

  test('signing out leaves nothing to be seen', async () => {
    await page.goto(`${rig.url}/jobs`);
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Dibs' }).waitFor();
    await page.goto(`${rig.url}/jobs`);
    await page.getByRole('heading', { name: 'Sign in to Dibs' }).waitFor();
    expect(rig.mishaps).toEqual([]);
  });
});

test('the dashboard was built before this test', () => {
  expect(existsSync(path.resolve(import.meta.dirname, '../dashboard/.next/BUILD_ID'))).toBe(true);
});
