import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createTestDatabase, type TestDatabase } from '../server/test/support/test-database.js';
import { noBrowserReason, openBrowser, screenshot, type TestBrowser } from './support/browser.js';
import {
  callApi,
  colourOf,
  expectNoButtons,
  instanceStatus,
  jobState,
  layoutShift,
  liveState,
  logLine,
  signIn,
  variablesOf,
  watchLayout,
  WITHIN,
} from './support/dashboard-page.js';
import { freePort } from './support/free-port.js';
import { lookAt, picturesOf } from './support/look-at.js';
import { scriptsOf, tooHeavy } from './support/page-weight.js';
import { PartProcess, startListening, type Listening } from './support/part-process.js';

const ADMIN = { email: 'ada@example.com', password: 'correct horse battery' };
const VIEWER = { email: 'eve@example.com', password: 'staple battery horse' };
const CLIENT = { id: 'e2e', secret: 'e2e-secret-of-32-characters-long' };
const RIGHT_TO_LEFT = '\u202e';

if (noBrowserReason) console.warn(`The dashboard is NOT tested in a browser: ${noBrowserReason}.`);
const describeInBrowser = noBrowserReason ? describe.skip : describe;

/** One browser and one day in the life of an administrator: each test goes on where the one before ended. */
describeInBrowser('the dashboard in a real browser', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'dibs-dashboard-'));
  const gate = path.join(folder, 'gate');
  let database: TestDatabase;
  let serverEnv: Record<string, string>;
  let server: Listening;
  let dashboard: Listening;
  let runner: PartProcess | null = null;
  let runnerEnv: Record<string, string> = {};
  let browser: TestBrowser;
  let page: Page;

  beforeAll(async () => {
    database = await createTestDatabase();
    const [serverPort, dashboardPort] = [await freePort(), await freePort()];
    serverEnv = {
      PORT: String(serverPort),
      HOST: '127.0.0.1',
      DATABASE_URL: database.url,
      DIBS_ENCRYPTION_KEY: 'key-of-the-dashboard-test-0123456789',
      DIBS_ADMIN_EMAIL: ADMIN.email,
      DIBS_ADMIN_PASSWORD: ADMIN.password,
      DIBS_BOOTSTRAP_CLIENT_ID: CLIENT.id,
      DIBS_BOOTSTRAP_CLIENT_SECRET: CLIENT.secret,
      DASHBOARD_ORIGIN: `http://127.0.0.1:${dashboardPort}`,
    };
    server = await startListening('server', 'server/dist/main.js', serverEnv);
    dashboard = await startListening('dashboard', 'dashboard/server.mjs', {
      DASHBOARD_PORT: String(dashboardPort),
      HOST: '127.0.0.1',
      DIBS_SERVER_URL: server.url,
    });
    browser = await openBrowser({ locale: 'en-GB' });
    page = browser.page;
  });

  afterAll(async () => {
    await browser?.close();
    await runner?.kill();
    for (const part of [dashboard, server]) {
      part?.process.signal('SIGTERM');
      await part?.process.endsWithin(15_000);
    }
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a wrong password is answered in words; the right one leads back to where one wanted to go', async () => {
    await page.goto(`${dashboard.url}/runners`);
    await signIn(page, { ...ADMIN, password: 'wrong password' });
    await page.getByRole('alert').getByText('E-mail address or password is wrong.').waitFor(WITHIN);
    await signIn(page, ADMIN);
    await page.getByRole('heading', { name: 'Runners', level: 1 }).waitFor(WITHIN);
    expect(new URL(page.url()).pathname).toBe('/runners');
    await liveState(page, 'Live');
  });

  test('registering a runner shows the command that starts it, and it comes online by itself', async () => {
    await page.getByRole('button', { name: 'Register a runner' }).first().click();
    await page.getByLabel('Name').fill('build-pool');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    const command = await page.getByLabel('the shell command', { exact: true }).innerText();
    expect(command).toContain('npm run runner');
    await screenshot(page, 'e2e-register');
    await page.getByRole('tab', { name: 'Kubernetes' }).click();
    await page.getByText('kind: StatefulSet').waitFor(WITHIN);
    await page.getByRole('button', { name: 'I have copied it' }).click();

    runnerEnv = {
      ...variablesOf(command),
      RUNNER_INSTANCE: 'pool-0',
      RUNNER_WORK_DIR: path.join(folder, 'work'),
    };
    runner = new PartProcess('runner', 'runner/dist/main.js', runnerEnv);
    await instanceStatus(page, 'pool-0', 'Online');
  });

  test('a job appears in the list, and its lines on its page, while it runs', async () => {
    await page.getByRole('link', { name: 'Jobs' }).click();
    await page.getByText('Submit the first job').waitFor(WITHIN);
    await submit('colours <b>and</b> hostile text', [
      String.raw`printf '\033[32mgreen words\033[0m plain\n'`,
      String.raw`printf '\033[38;5;214mamber\nstill amber\033[0m\nno more\n10 %%\r50 %%\r100 %%\n'`,
      String.raw`printf '<img src=x onerror=alert(1)> <script>alert(2)</script>\n'`,
      String.raw`printf 'link \033]8;;https://evil.example\033\\click me\033]8;;\033\\ clip\033]52;c;aGk=\007board\n'`,
      String.raw`printf 'bidi a\342\200\256b\n' ; printf 'on the error stream\n' >&2`,
      `until [ -e ${gate} ]; do sleep 0.05; done`,
      'echo after the gate',
    ]);
    await page.getByRole('link', { name: 'colours <b>and</b> hostile text' }).click(WITHIN);

    await logLine(page, 'green words plain');
    await jobState(page, 'Running');
    expect(await page.getByRole('log').innerText()).not.toContain('after the gate');
    expect(await page.title()).toMatch(/^Running · /);
    const icon = page.locator('link[rel="icon"][data-state]');
    const runningIcon = await icon.getAttribute('href');
    await lookAt(page, 'e2e-job-running');
    writeFileSync(gate, '');
    await logLine(page, 'after the gate');
    await jobState(page, 'Succeeded');
    await page.locator('[data-testid="step-0"][data-state="succeeded"]').waitFor(WITHIN);
    await page.getByTestId('log-count').getByText('complete').waitFor(WITHIN);
    expect(await page.title()).toMatch(/^Succeeded · /);
    expect(await icon.getAttribute('href')).not.toBe(runningIcon);
  });

  test('of what a job prints only colours survive; the rest is text', async () => {
    const green = page.locator('[data-seq] span span').filter({ hasText: 'green words' });
    const plainColour = await colourOf(page.locator('[data-seq] > span').filter({ hasText: 'green words' }));
    expect(await colourOf(green)).not.toBe(plainColour);
    const amber = page.locator('[data-seq] span span').filter({ hasText: 'amber' });
    expect(await amber.evaluateAll((all) => all.map((one) => getComputedStyle(one).color))).toEqual(
      Array<string>(2).fill('rgb(255, 175, 0)'),
    );
    expect(await page.locator('[data-seq] > span').getByText('no more').locator('span').count()).toBe(0);
    expect(await page.locator('[data-seq] > span').filter({ hasText: '100 %' }).innerText()).toBe('100 %');
    await logLine(page, '<img src=x onerror=alert(1)> <script>alert(2)</script>');
    await logLine(page, 'link click me clipboard');
    await logLine(page, 'bidi a⟨U+202E⟩b');
    const log = page.getByRole('log');
    expect(await log.locator('img, script, [href*="evil"]').count()).toBe(0);
    expect(await log.innerText()).not.toContain(RIGHT_TO_LEFT);
    const stderr = page.locator('[data-stream="stderr"]');
    expect(await stderr.innerText()).toContain('on the error stream');
    expect(browser.mishaps).toEqual([]);
  });

  test('a server restart is shown, and the log goes on without a missing or doubled line', async () => {
    rmSync(gate);
    const id = await submit('counting', [
      `for i in $(seq 1 60); do echo "count $i"; sleep 0.05; done; until [ -e ${gate} ]; do sleep 0.05; done`,
      'echo the end',
    ]);
    await page.goto(`${dashboard.url}/jobs/${id}`);
    await logLine(page, 'count 3');
    await watchLayout(page);
    await logLine(page, 'count 40');
    expect(await layoutShift(page)).toBeLessThan(0.02);
    await server.process.kill();
    await liveState(page, 'Reconnecting…');
    // the ring in pieces: what is shown may be old
    await page.locator('link[rel="icon"][data-state][href*="dasharray"]').waitFor({ state: 'attached', ...WITHIN });
    server = await startListening('server', 'server/dist/main.js', serverEnv);
    await liveState(page, 'Live');
    writeFileSync(gate, '');
    // runners wait with jitter, up to half a minute, before they try the server again
    await logLine(page, 'the end', { timeout: 60_000 });
    await jobState(page, 'Succeeded');
    const shown = await page.getByRole('log').locator('[data-stream="stdout"]').allInnerTexts();
    const counted = shown.flatMap((text) => /count (\d+)/.exec(text)?.[1] ?? []).map(Number);
    const first = counted[0] ?? 0;
    expect(counted).toEqual(Array.from({ length: 60 - first + 1 }, (_, index) => first + index));
  }, 120_000);

  test('a search finds lines that are not loaded, by keys alone; links and files reach all of them', async () => {
    const id = await submit('a long log', [
      `seq -f 'row %.0f' 1 12000`,
      String.raw`printf 'an \033[31mEr\033[1mror\033[0m in the middle\n'`,
      `seq -f 'row %.0f' 12001 24000`,
      'echo the last error',
    ]);
    const scripts = await scriptsOf(page, async () => {
      await page.goto(`${dashboard.url}/jobs/${id}`);
      await jobState(page, 'Succeeded');
      await logLine(page, 'the last error');
    });
    expect(tooHeavy(scripts, 350_000)).toEqual([]);
    const [found, hit] = [page.getByTestId('log-found'), page.locator('[data-hit]')];
    await page.getByRole('log').focus();
    await page.keyboard.press('/');
    await page.keyboard.type('ERROR');
    await found.getByText('1 of 2').waitFor(WITHIN);
    await hit.filter({ hasText: 'in the middle' }).waitFor(WITHIN);
    expect(await hit.locator('mark').allInnerTexts()).toEqual(['Er', 'ror']);
    await lookAt(page, 'e2e-log-search');
    await page.keyboard.press('Enter');
    await found.getByText('2 of 2').waitFor(WITHIN);
    await hit.filter({ hasText: 'the last error' }).waitFor(WITHIN);
    await page.keyboard.press('Shift+Enter');
    await hit.filter({ hasText: 'in the middle' }).waitFor(WITHIN);
    await page.keyboard.press('Escape');
    await found.waitFor({ state: 'detached', ...WITHIN });

    await page.goto(`${dashboard.url}/jobs/${id}#L3000`);
    const marked = page.locator('[data-marked]');
    await marked.and(page.locator('[data-seq="3000"]')).waitFor(WITHIN);
    await page.getByRole('link', { name: 'Link to line 3003' }).click({ modifiers: ['Shift'] });
    await page.locator('[data-marked][data-seq="3003"]').waitFor(WITHIN);
    expect(await marked.count()).toBe(4);
    expect(new URL(page.url()).hash).toBe('#L3000-L3003');
    await page.getByRole('button', { name: 'Show the time of each line' }).click();
    expect(await marked.first().locator('time').innerText()).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);

    await page.getByRole('log').press('Home');
    await page.locator('[data-seq="1"]').waitFor(WITHIN);
    await page.getByRole('button', { name: /^Step 1 · only/ }).click();
    await page.getByText('24,002 lines folded').waitFor(WITHIN);
    await page.getByTestId('step-0').getByRole('link', { name: 'only' }).click();
    await page.locator('[data-seq="1"]').waitFor(WITHIN);
    await page.getByRole('log').press('End');
    await logLine(page, 'the last error');
    await page.getByRole('button', { name: 'Download the whole log' }).click();
    const download = page.waitForEvent('download', WITHIN);
    await page.getByRole('menuitem', { name: /^Text/ }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe(`job-${id}-attempt-1.log`);
    expect(readFileSync(await file.path(), 'utf8').split('\n')).toHaveLength(24_003);
  });

  test('the form tells who would take the job, puts what is wrong at its field, and leads to the job', async () => {
    await page.goto(`${dashboard.url}/jobs/new`);
    const whatIf = (words: string) => page.getByTestId('what-if').getByText(words).waitFor(WITHIN);
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
    await page.getByRole('group', { name: 'Variables' }).getByRole('alert').getByText('1 BAD').waitFor(WITHIN);
    await page.locator('[aria-label="Name of variable 1"]:focus').waitFor(WITHIN);
    await picturesOf(page, 'e2e-submit');
    await page.getByLabel('Name of variable 1').fill('GOOD');
    await page.getByLabel('Name', { exact: true }).fill('sent twice, made once');
    await page.getByRole('button', { name: 'Add a file' }).click();
    await page.getByLabel('Path of file 1').fill('../escape');
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await page.getByRole('group', { name: 'Files' }).getByRole('alert').waitFor(WITHIN);
    await page.getByLabel('Path of file 1').fill('words.txt');
    // the answer to the first try is lost on the way
    let isCut = true;
    await page.route('**/api/v1/jobs', async (route) => {
      if (route.request().method() !== 'POST' || !isCut) return route.fallback();
      isCut = false;
      await route.fetch();
      await route.abort();
    });
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await logLine(page, 'from the form');
    await jobState(page, 'Succeeded');
    const lines = await page.getByRole('log').locator('[data-stream="stdout"]').allInnerTexts();
    expect(lines.map((line) => /moved up|from the form/.exec(line)?.[0])).toEqual(['moved up', 'from the form']);
    expect(isCut).toBe(false);
    const made = await api('GET', '/jobs?q=sent%20twice', undefined);
    expect(((await made.json()) as { items: unknown[] }).items).toHaveLength(1);
    await page.getByRole('link', { name: 'Retry with changes' }).click();
    await page.getByRole('heading', { name: 'Retry with changes' }).waitFor(WITHIN);
    await page.getByTestId('step-1').waitFor(WITHIN);
    expect(await page.getByTestId('step-0').getByLabel('Script').inputValue()).toBe('echo moved up');
    expect(await page.getByLabel('Name of variable 1').inputValue()).toBe('GOOD');
  });

  test('the overview shows what happens, and leads to the cause of what does not', async () => {
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByTestId('figure-runners-online').getByText('1', { exact: true }).waitFor(WITHIN);
    await page.getByTestId('figure-success').getByText('100 %').waitFor(WITHIN);
    const response = await api('POST', '/jobs', { steps: [{ run: 'true' }], requires: { tools: ['cobol'] } });
    const { id } = (await response.json()) as { id: string };
    const alert = page.locator('[data-alert="no_runner_matches"]');
    await alert.getByText('One job waits (tool cobol)').waitFor(WITHIN);
    await page.locator('[data-standing="no_runner_matches"]').waitFor(WITHIN);
    await picturesOf(page, 'e2e-overview');
    await alert.getByRole('link', { name: 'Why, runner by runner' }).click();
    await page.locator('[data-rule="tool_missing"]').waitFor(WITHIN);
    expect((await api('POST', `/jobs/${id}/cancel`, {})).status).toBe(202);
    await jobState(page, 'Canceled');
    expect(browser.mishaps).toEqual([]);
  });

  test('a line is found in any log; a failed job tells how many others failed alike', async () => {
    await page.getByRole('link', { name: 'Search logs' }).click();
    await page.getByText('Where did that line come from?').waitFor(WITHIN);
    await picturesOf(page, 'e2e-logs-empty');
    const fail = (number: number): string[] => [`echo "error: worker-${number} is gone" >&2`, 'exit 3'];
    const first = await submit('fails alike', fail(1));
    const second = await submit('fails alike', fail(22));
    await page.goto(`${dashboard.url}/jobs/${second}`);
    await jobState(page, 'Failed');
    const seen = page.getByTestId('seen-before');
    await seen.getByText('error: worker-22 is gone').waitFor(WITHIN);
    await picturesOf(page, 'e2e-seen-before');
    await seen.getByRole('link', { name: 'seen in 1 other job' }).click(WITHIN);
    await page.locator(`[data-job="${first}"]`).getByText('error: worker-1 is gone').waitFor(WITHIN);
    await screenshot(page, 'e2e-same-error');

    await page.goto(`${dashboard.url}/logs`);
    await page.getByLabel('Text to find').fill('ERROR');
    await page.keyboard.press('Enter');
    const found = page.locator('[data-job]');
    await found.filter({ hasText: 'a long log' }).getByText('the last error').waitFor(WITHIN);
    expect(await found.getByText('is gone').count()).toBe(2);
    expect(await found.locator('mark').first().innerText()).toBe('error');
    await page.getByText('All logs were searched.').waitFor(WITHIN);
    await picturesOf(page, 'e2e-logs-found');
    await page.getByRole('combobox', { name: 'State' }).click();
    await page.getByRole('option', { name: 'Succeeded' }).click();
    await found
      .filter({ hasText: 'is gone' })
      .first()
      .waitFor({ state: 'detached', ...WITHIN });
    expect(new URL(page.url()).search).toBe('?q=ERROR&state=succeeded');
    await page.reload();
    await found.filter({ hasText: 'a long log' }).getByText('in the middle').click(WITHIN);
    await page.locator('[data-marked]').filter({ hasText: 'in the middle' }).waitFor(WITHIN);
    expect(browser.mishaps).toEqual([]);
  });

  test('canceling shows that it is wanted, then that it is done', async () => {
    const id = await submit('to be canceled', ['echo started; sleep 600']);
    await page.goto(`${dashboard.url}/jobs/${id}`);
    await logLine(page, 'started');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('menuitem', { name: /^Cancel Signals/ }).click();
    await jobState(page, 'Canceled');
    await page.getByRole('button', { name: 'Retry' }).waitFor(WITHIN);
  });

  test('a runner that dies is offline at once and online when it is back, without a reload', async () => {
    await page.getByRole('link', { name: 'Runners' }).click();
    await instanceStatus(page, 'pool-0', 'Online');
    await page.getByRole('button', { name: 'Actions for runner build-pool' }).click();
    await page.getByRole('menuitem', { name: 'Drain all instances…' }).click();
    await page.getByRole('button', { name: 'Drain all instances' }).click();
    await instanceStatus(page, 'pool-0', 'Draining');
    await page.getByRole('button', { name: 'Actions for runner build-pool' }).click();
    await page.getByRole('menuitem', { name: 'Undrain all instances' }).click();
    await runner?.kill();
    await instanceStatus(page, 'pool-0', 'Offline');
    await page.getByRole('button', { name: 'Connections of pool-0' }).click();
    await page.locator('[data-planned="false"]').first().waitFor(WITHIN);
    await screenshot(page, 'e2e-connections');
    await page.getByRole('button', { name: 'Close' }).click();
    await screenshot(page, 'e2e-runner-offline');
    runner = new PartProcess('runner', 'runner/dist/main.js', runnerEnv);
    await instanceStatus(page, 'pool-0', 'Online');
  });

  test('viewers may look and are offered nothing else', async () => {
    const response = await api('POST', '/users', { ...VIEWER, role: 'viewer' });
    expect(response.status).toBe(201);
    const viewer = await openBrowser();
    try {
      await viewer.page.goto(`${dashboard.url}/runners`);
      await signIn(viewer.page, VIEWER);
      await instanceStatus(viewer.page, 'pool-0', 'Online');
      await expectNoButtons(viewer.page, ['Register a runner', 'Drain', 'Actions for runner', 'Pause']);
      await viewer.page.goto(`${dashboard.url}/jobs/new`);
      await viewer.page.getByText('You may not submit jobs').waitFor(WITHIN);
      const asViewer = { data: { steps: [{ run: 'true' }] }, headers: { origin: dashboard.url } };
      expect((await viewer.page.request.post(`${dashboard.url}/api/v1/jobs`, asViewer)).status()).toBe(403);
      await viewer.page.getByRole('link', { name: 'Jobs', exact: true }).click();
      await viewer.page.getByText('counting').waitFor(WITHIN);
      expect(await viewer.page.getByRole('link', { name: 'Submit a job' }).count()).toBe(0);
      await viewer.page.getByRole('link', { name: 'counting' }).click();
      await logLine(viewer.page, 'the end');
      await expectNoButtons(viewer.page, ['Retry', 'Cancel', 'Pause jobs like this']);
      await viewer.page.getByRole('button', { name: /^Account/ }).click();
      await viewer.page.getByRole('menuitem', { name: 'Sign out' }).waitFor(WITHIN);
      const offered = await viewer.page.getByRole('menuitem').allInnerTexts();
      expect(offered).toEqual(['Change password…', 'Sign out']);
      expect(viewer.mishaps).toEqual([]);
    } finally {
      await viewer.close();
    }
  });

  test('signing out leaves nothing to be seen', async () => {
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Dibs' }).waitFor(WITHIN);
    await page.goto(`${dashboard.url}/jobs`);
    await page.getByRole('heading', { name: 'Sign in to Dibs' }).waitFor(WITHIN);
    expect(browser.mishaps).toEqual([]);
  });

  async function submit(name: string, commands: string[]): Promise<string> {
    const response = await api('POST', '/jobs', { name, steps: [{ name: 'only', run: commands.join('\n') }] });
    expect(response.status).toBe(201);
    return ((await response.json()) as { id: string }).id;
  }

  function api(method: string, route: string, body: unknown): Promise<Response> {
    return callApi(server.url, CLIENT, { method, route, body });
  }
});

test('the dashboard was built before this test', () => {
  expect(existsSync(path.resolve(import.meta.dirname, '../dashboard/.next/BUILD_ID'))).toBe(true);
});
