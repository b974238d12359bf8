import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ClientCredentials } from '@dibs/shared';
import type { Locator, Page } from 'playwright-core';
import { ADMIN, DashboardRig, describeInBrowser } from './support/dashboard-rig.js';
import { colourOf, jobState, layoutShift, liveState, logLine, signIn, watchLayout } from './support/dashboard-page.js';
import { eventually } from './support/eventually.js';
import { lookAt } from './support/look-at.js';
import type { PartProcess } from './support/part-process.js';
import { scriptsOf, tooHeavy } from './support/page-weight.js';

const RIGHT_TO_LEFT = '\u202e';

interface RegisteredRunner {
  readonly id: string;
  readonly credentials: ClientCredentials;
}

/** What jobs print, as it is shown and found. Each test opens its page itself; what is there is of those before it. */
describeInBrowser('logs in a real browser', () => {
  let rig: DashboardRig;
  let page: Page;
  let gate: string;
  let hostileUrl: string;
  let runner: PartProcess;
  let runnerEnv: Record<string, string>;

  beforeAll(async () => {
    rig = await DashboardRig.start();
    page = rig.page;
    gate = path.join(rig.folder, 'gate');
    // it counts within five seconds: for the last test
    expect((await rig.api('PATCH', '/organization', { logLimitMib: 1 })).status).toBe(200);
    const { credentials } = await rig.created<RegisteredRunner>('/runners', { name: 'build-pool' });
    runnerEnv = {
      RUNNER_SERVER_URL: rig.serverUrl,
      RUNNER_NAME: 'build-pool',
      RUNNER_INSTANCE: 'pool-0',
      RUNNER_CLIENT_ID: credentials.clientId,
      RUNNER_CLIENT_SECRET: credentials.clientSecret,
      RUNNER_WORK_DIR: path.join(rig.folder, 'work'),
    };
    runner = rig.startRunner(runnerEnv);
    await page.goto(`${rig.url}/jobs`);
  });

  afterAll(() => rig?.stop());

  test('a job appears in the list, and its lines on its page, while it runs', async () => {
    await signIn(page, ADMIN);
    await page.getByText('Submit the first job').waitFor();
    await lookAt(page, 'e2e-jobs-none');
    const id = await rig.submit('colours <b>and</b> hostile text', [
      String.raw`printf '\033[32mgreen words\033[0m plain\n'`,
      String.raw`printf '\033[38;5;214mamber\nstill amber\033[0m\nno more\n10 %%\r50 %%\r100 %%\n'`,
      String.raw`printf '<img src=x onerror=alert(1)> <script>alert(2)</script>\n'`,
      String.raw`printf 'link \033]8;;https://evil.example\033\\click me\033]8;;\033\\ clip\033]52;c;aGk=\007board\n'`,
      String.raw`printf 'bidi a\342\200\256b\n' ; printf 'on the error stream\n' >&2`,
      `until [ -e ${gate} ]; do sleep 0.05; done`,
      'echo after the gate',
    ]);
    hostileUrl = `${rig.url}/jobs/${id}`;
    await page.getByRole('link', { name: 'colours <b>and</b> hostile text' }).click();

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
    await page.locator('[data-testid="step-0"][data-state="succeeded"]').waitFor();
    await page.getByTestId('log-count').getByText('complete').waitFor();
    expect(await page.title()).toMatch(/^Succeeded · /);
    expect(await icon.getAttribute('href')).not.toBe(runningIcon);
  });

  test('of what a job prints only colours survive; the rest is text', async () => {
    await page.goto(hostileUrl);
    await logLine(page, 'after the gate');
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
    expect(rig.mishaps).toEqual([]);
  });

  test('a server restart is shown, and the log goes on without a missing or doubled line', async () => {
    rmSync(gate);
    const id = await rig.submit('counting', [
      `for i in $(seq 1 60); do echo "count $i"; sleep 0.05; done; until [ -e ${gate} ]; do sleep 0.05; done`,
      'echo the end',
    ]);
    await page.goto(`${rig.url}/jobs/${id}`);
    await logLine(page, 'count 3');
    await watchLayout(page);
    await logLine(page, 'count 40');
    expect(await layoutShift(page)).toBeLessThan(0.02);
    await rig.restartServer(async () => {
      await liveState(page, 'Reconnecting…');
      // the ring in pieces: what is shown may be old
      await page.locator('link[rel="icon"][data-state][href*="dasharray"]').waitFor({ state: 'attached' });
    });
    await liveState(page, 'Live');
    writeFileSync(gate, '');
    // runners wait with jitter, up to half a minute, before they try the server again
    await logLine(page, 'the end');
    await jobState(page, 'Succeeded');
    const shown = await page.getByRole('log').locator('[data-stream="stdout"]').allInnerTexts();
    const counted = shown.flatMap((text) => /count (\d+)/.exec(text)?.[1] ?? []).map(Number);
    const first = counted[0] ?? 0;
    expect(counted).toEqual(Array.from({ length: 60 - first + 1 }, (_, index) => first + index));
  }, 240_000);

  test('a log that is followed stays on its last line, without anybody touching it', async () => {
    const id = await rig.submit('fast lines', [
      // some 40 lines at a time, as many as the list has mounted anyway
      'for i in $(seq 1 100); do seq $((i * 40 - 39)) $((i * 40)) | sed "s/^/fast /"; sleep 0.02; done',
      'echo the last of them',
    ]);
    await page.goto(`${rig.url}/jobs/${id}`);
    await jobState(page, 'Succeeded');
    await logLine(page, 'the last of them');
    expect(await page.getByRole('button', { name: 'Jump to latest' }).count()).toBe(0);
  });

  test('a search finds lines that are not loaded, by keys alone; links and files reach all of them', async () => {
    const id = await rig.submit('a long log', [
      `seq -f 'row %.0f' 1 12000`,
      String.raw`printf 'an \033[31mEr\033[1mror\033[0m in the middle\n'`,
      `seq -f 'row %.0f' 12001 24000`,
      'echo the last error',
    ]);
    const scripts = await scriptsOf(page, async () => {
      await page.goto(`${rig.url}/jobs/${id}`);
      await jobState(page, 'Succeeded');
      await logLine(page, 'the last error');
    });
    expect(tooHeavy(scripts, 350_000)).toEqual([]);
    const [found, hit] = [page.getByTestId('log-found'), page.locator('[data-hit]')];
    await page.getByRole('log').focus();
    await page.keyboard.press('/');
    await page.keyboard.type('ERROR');
    await found.getByText('1 of 2').waitFor();
    await hit.filter({ hasText: 'in the middle' }).waitFor();
    expect(await hit.locator('mark').allInnerTexts()).toEqual(['Er', 'ror']);
    await lookAt(page, 'e2e-log-search');
    await page.keyboard.press('Enter');
    await found.getByText('2 of 2').waitFor();
    await hit.filter({ hasText: 'the last error' }).waitFor();
    await page.keyboard.press('Shift+Enter');
    await hit.filter({ hasText: 'in the middle' }).waitFor();
    await page.keyboard.press('Escape');
    await found.waitFor({ state: 'detached' });

    await page.goto(`${rig.url}/jobs/${id}#L3000`);
    const marked = page.locator('[data-marked]');
    await marked.and(page.locator('[data-seq="3000"]')).waitFor();
    await page.getByRole('link', { name: 'Link to line 3003' }).click({ modifiers: ['Shift'] });
    await page.locator('[data-marked][data-seq="3003"]').waitFor();
    expect(await marked.count()).toBe(4);
    expect(new URL(page.url()).hash).toBe('#L3000-L3003');
    await page.getByRole('button', { name: 'Show the time of each line' }).click();
    expect(await marked.first().locator('time').innerText()).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);

    await page.getByRole('log').press('Home');
    await page.locator('[data-seq="1"]').waitFor();
    await page.getByRole('button', { name: /^Step 1 · only/ }).click();
    await page.getByText('24,002 lines folded').waitFor();
    await page.getByTestId('step-0').getByRole('link', { name: 'only' }).click();
    await page.locator('[data-seq="1"]').waitFor();
    await page.getByRole('log').press('End');
    await logLine(page, 'the last error');
    await page.getByRole('button', { name: 'Download the whole log' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: /^Text/ }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe(`job-${id}-attempt-1.log`);
    expect(readFileSync(await file.path(), 'utf8').split('\n')).toHaveLength(24_003);
  });

  test('a line is found in any log; a failed job tells how many others failed alike', async () => {
    await page.goto(`${rig.url}/jobs`);
    await page.getByRole('link', { name: 'Search logs' }).click();
    await page.getByText('Where did that line come from?').waitFor();
    await lookAt(page, 'e2e-logs-empty');
    const fail = (number: number): string[] => [`echo "error: worker-${number} is gone" >&2`, 'exit 3'];
    const first = await rig.submit('fails alike', fail(1));
    const second = await rig.submit('fails alike', fail(22));
    await page.goto(`${rig.url}/jobs/${second}`);
    await jobState(page, 'Failed');
    const seen = page.getByTestId('seen-before');
    await seen.getByText('error: worker-22 is gone').waitFor();
    await logLine(page, 'worker-22 is gone');
    await lookAt(page, 'e2e-seen-before');
    await seen.getByRole('link', { name: 'seen in 1 other job' }).click();
    await page.locator(`[data-job="${first}"]`).getByText('error: worker-1 is gone').waitFor();
    await lookAt(page, 'e2e-same-error');

    await page.goto(`${rig.url}/logs`);
    await page.getByLabel('Text to find').fill('ERROR');
    await page.keyboard.press('Enter');
    const found = page.locator('[data-job]');
    await found.filter({ hasText: 'a long log' }).getByText('the last error').waitFor();
    expect(await found.getByText('is gone').count()).toBe(2);
    expect(await found.locator('mark').first().innerText()).toBe('error');
    await page.getByText('All logs were searched.').waitFor();
    await lookAt(page, 'e2e-logs-found');
    await page.getByRole('combobox', { name: 'State' }).click();
    await page.getByRole('option', { name: 'Succeeded' }).click();
    await found.filter({ hasText: 'is gone' }).first().waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('?q=ERROR&state=succeeded');
    await page.reload();
    await found.filter({ hasText: 'a long log' }).getByText('in the middle').click();
    await page.locator('[data-marked]').filter({ hasText: 'in the middle' }).waitFor();
    expect(rig.mishaps).toEqual([]);
  });

  test('of a line as long as lines get the beginning is shown, and what is found in it', async () => {
    const id = await rig.submit('long lines', [
      String.raw`times() { head -c "$1" /dev/zero | tr '\0' "$2"; }`,
      'echo the line above',
      'times 50000 a; printf "needle"; times 50000 b; echo',
      'echo the line below',
    ]);
    await page.goto(`${rig.url}/jobs/${id}`);
    await jobState(page, 'Succeeded');
    await logLine(page, 'the line below');
    const log = page.getByRole('log');
    await log.press('Home');
    const long = page.locator('[data-seq="2"]');
    const more = long.getByRole('button');
    expect(await more.innerText()).toBe('show 61,536 more characters');
    await more.scrollIntoViewIfNeeded();
    await lookAt(page, 'e2e-log-long-line');
    const wrap = page.getByRole('button', { name: 'Wrap long lines' });
    await wrap.click();
    expect(await wrap.getAttribute('aria-pressed')).toBe('false');
    const heightOf = async (): Promise<number> => (await long.boundingBox())!.height;
    expect(await heightOf()).toBeLessThan(30);
    await lookAt(page, 'e2e-log-not-wrapped');
    await more.click();
    await more.waitFor({ state: 'detached' });
    expect((await long.innerText()).length).toBeGreaterThan(65_536);

    for (const name of ['e2e-log-found-not-wrapped', 'e2e-log-found-wrapped']) {
      await page.goto(`${rig.url}/jobs`);
      await page.goto(`${rig.url}/jobs/${id}`);
      await logLine(page, 'the line below');
      await log.focus();
      await page.keyboard.press('/');
      await page.keyboard.type('needle');
      await page.getByTestId('log-found').getByText('1 of 1').waitFor();
      await eventually('the hit is in view', async () => (await isInView(long.locator('mark'), log)) || undefined);
      await lookAt(page, name);
      await wrap.click();
    }
    await wrap.click();
  });

  test('what was left out of a log, and what was lost of it, is said in its place', async () => {
    const id = await rig.submit('a flood', [
      `seq -f 'row %.0f with some words so that it is as long as rows are' 1 60000`,
    ]);
    await page.goto(`${rig.url}/jobs/${id}`);
    await jobState(page, 'Succeeded');
    await logLine(page, 'row 60000');
    await page.getByRole('button', { name: 'shortened' }).click();
    const gap = page.getByRole('note');
    await gap
      .getByText(/^[\d,]+ lines \([\d,]+ bytes\) are missing here: the job printed more than a log may hold\.$/)
      .waitFor();
    const [seq, lines] = [await gap.getAttribute('data-seq'), /^[\d,]+/.exec(await gap.innerText())![0]];
    await page.locator(`[data-seq="${Number(seq) + Number(lines.replaceAll(',', ''))}"]`).waitFor();
    await lookAt(page, 'e2e-log-shortened');

    rmSync(gate, { force: true });
    const lost = await rig.submit('loses its log', [`echo before; until [ -e ${gate} ]; do sleep 0.05; done`]);
    await page.goto(`${rig.url}/jobs/${lost}`);
    await logLine(page, 'before');
    await runner.kill();
    writeFileSync(gate, '');
    rmSync(path.join(rig.folder, 'work', 'spool'), { recursive: true });
    runner = rig.startRunner(runnerEnv);
    await jobState(page, 'Succeeded');
    await page.getByRole('button', { name: 'Show the steps and the log of attempt 1' }).click();
    await gap.getByText('An unknown number of lines is missing here: the runner lost its buffer').waitFor();
    await page.getByRole('button', { name: 'incomplete' }).waitFor();
    await page.getByRole('log').getByText('Preparation').waitFor({ state: 'detached' });
    await lookAt(page, 'e2e-log-lost');
    expect(rig.mishaps).toEqual([]);
  });
});

async function isInView(part: Locator, view: Locator): Promise<boolean> {
  const [inner, outer] = [await part.boundingBox(), await view.boundingBox()];
  if (inner === null || outer === null) return false;
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}
