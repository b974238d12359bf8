import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { ADMIN, DashboardRig, describeInBrowser } from './support/dashboard-rig.js';
import { liveState, signIn } from './support/dashboard-page.js';
import { lookAt } from './support/look-at.js';

const VIEWER = 'eve@example.com';

/** An owner and somebody new, each in a browser. Each test opens its page itself; what is there is of those before it. */
describeInBrowser('the administration in a real browser', () => {
  let rig: DashboardRig;
  let page: Page;
  let theirs: Page;
  let viewerPassword: string;

  beforeAll(async () => {
    rig = await DashboardRig.start();
    page = rig.page;
    theirs = await rig.openBrowser();
    await page.goto(`${rig.url}/administration`);
    await signIn(page, ADMIN);
  });

  afterAll(() => rig?.stop());

  test('a user is added with a password that is shown once', async () => {
    await page.getByRole('button', { name: 'Add a user' }).click();
    await page.getByLabel('E-mail').fill(VIEWER);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('This is shown only now.').waitFor();
    viewerPassword = await page.getByLabel('Password', { exact: true }).innerText();
    expect(viewerPassword).toHaveLength(20);
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await row(VIEWER).getByRole('cell', { name: 'viewer', exact: true }).waitFor();
    await lookAt(page, 'e2e-users');
  });

  test('the last owner stays, and the refusal is told where it was asked', async () => {
    await open('Users');
    await choose(ADMIN.email, 'Disable…');
    await page.getByRole('button', { name: 'Disable and sign them out' }).click();
    await page.getByRole('alert').getByText('An organization keeps at least one enabled owner.').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
  });

  test('the new user is refused the administration, and changes the password', async () => {
    await theirs.goto(`${rig.url}/administration/users`);
    await signIn(theirs, { email: VIEWER, password: viewerPassword });
    await theirs.getByText('This is for administrators').waitFor();
    expect(await theirs.getByRole('link', { name: 'Administration' }).count()).toBe(0);
    expect(await theirs.evaluate(async () => (await fetch('/api/v1/users')).status)).toBe(403);

    await theirs.getByRole('button', { name: /^Account/ }).click();
    await theirs.getByRole('menuitem', { name: 'Change password…' }).click();
    await theirs.getByLabel('Current password').fill('a wrong guess');
    await theirs.getByLabel('New password').fill('mine from now on');
    await theirs.getByRole('button', { name: 'Change it' }).click();
    await theirs.getByRole('alert').getByText('The current password is wrong.').waitFor();
    await theirs.getByLabel('Current password').fill(viewerPassword);
    await theirs.getByRole('button', { name: 'Change it' }).click();
    await theirs.getByText('Your password is changed.').waitFor();
    expect(rig.mishaps).toEqual([]);
  });

  test('an operator changes many jobs by keys, and another one sees it happen', async () => {
    const users = (await call('GET', '/users')) as { items: { id: string; email: string }[] };
    await call('PATCH', `/users/${users.items.find(({ email }) => email === VIEWER)!.id}`, { role: 'operator' });
    for (const name of ['bulk one', 'bulk two', 'bulk three']) await submit(name);
    await theirs.goto(`${rig.url}/jobs`);
    await page.goto(`${rig.url}/jobs`);
    for (const each of [page, theirs]) await each.getByRole('link', { name: 'bulk one' }).waitFor();

    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByTestId('selected-count').getByText('2 selected').waitFor();
    // nothing moves under the hand of who has selected something; who has not sees it at once
    await submit('bulk four');
    await page.getByRole('button', { name: 'One newer job' }).waitFor();
    await theirs.getByRole('link', { name: 'bulk four' }).waitFor();
    expect(await page.getByRole('link', { name: 'bulk four' }).count()).toBe(0);
    await lookAt(page, 'e2e-jobs-selected');
    await page.getByRole('button', { name: 'Cancel 2…' }).click();
    await page.getByRole('button', { name: 'Cancel 2 jobs' }).click();
    await page.getByText('The cancel of 2 jobs is on its way').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    for (const name of ['bulk three', 'bulk two']) {
      await theirs.getByRole('row').filter({ hasText: name }).getByText('Canceled', { exact: true }).waitFor();
    }

    await page.getByText('Canceled', { exact: true }).first().click();
    await page.waitForURL(/state=canceled/);
    await page.getByLabel('Select all shown jobs').click();
    await page.getByRole('button', { name: 'Retry 2…' }).click();
    await page.getByRole('button', { name: 'Retry 2 jobs' }).click();
    await page.getByText('2 new jobs were made').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Save this view…' }).click();
    await page.getByLabel('Name', { exact: true }).fill('What was canceled');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'What was canceled', exact: true }).waitFor();
    await page.goto(`${rig.url}/jobs`);
    await page.getByRole('button', { name: 'Views' }).click();
    const view = page.getByRole('menuitem', { name: 'What was canceled', exact: true });
    await view.click();
    await page.waitForURL(/state=canceled/);
    // a menu that closes takes the focus back once more
    await view.waitFor({ state: 'hidden' });
    await page.keyboard.press('/');
    await page.locator('input:focus').waitFor();
    await page.getByPlaceholder('Find by name or id').fill('no such job');
    await page.getByText('No job matches').waitFor();
    expect(rig.mishaps).toEqual([]);
  });

  test('what one holds back or renames, the other sees without a reload, and why a job waits', async () => {
    const runner = (await call('POST', '/runners', { name: 'before' })) as { id: string };
    await theirs.goto(`${rig.url}/runners`);
    await theirs.getByRole('heading', { name: 'before', exact: true }).waitFor();
    await liveState(theirs, 'Live');
    await call('PATCH', `/runners/${runner.id}`, { name: 'after' });
    await theirs.getByRole('heading', { name: 'after', exact: true }).waitFor();
    await call('POST', '/pauses', { target: { type: 'runner', id: runner.id }, note: 'audit of the pool' });
    await theirs.getByText('audit of the pool').first().waitFor();
    await call('DELETE', `/runners/${runner.id}`);
    await theirs.getByText('No runner yet').waitFor();

    await call('POST', '/maintenance', { note: 'a new disk' });
    await theirs.getByText('a new disk').first().waitFor();
    await theirs.goto(`${rig.url}/jobs/${await submit('waits for the disk')}`);
    await theirs
      .locator('[data-verdict="held_by_pause"]')
      .getByText(/maintenance/i)
      .waitFor();
    await theirs.goto(`${rig.url}/jobs/new`);
    await theirs
      .locator('[data-verdict="held_by_pause"]')
      .getByText(/maintenance/i)
      .waitFor();
    await call('DELETE', '/maintenance');
    await theirs.getByText('a new disk').first().waitFor({ state: 'detached' });
    expect(rig.mishaps).toEqual([]);
  });

  test('who is disabled is out at once', async () => {
    await open('Users');
    await choose(VIEWER, 'Disable…');
    await page.getByRole('button', { name: 'Disable and sign them out' }).click();
    await row(VIEWER).getByRole('cell', { name: 'Disabled' }).waitFor();
    await theirs.reload();
    await theirs.getByRole('heading', { name: 'Sign in to Dibs' }).waitFor();
  });

  test('a service principal gets a secret, and another one, which both work', async () => {
    await open('Service principals');
    await page.getByRole('button', { name: 'Add a service principal' }).first().click();
    await page.getByLabel('Name').fill('ci');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const first = await credentials();
    await choose('ci', 'Rotate secret…');
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    const second = await credentials();
    expect(second.client_id).toBe(first.client_id);
    expect(second.client_secret).not.toBe(first.client_secret);
    for (const each of [first, second]) expect((await fetchToken(each)).status).toBe(200);
    await lookAt(page, 'e2e-service-principals');
  });

  test('an API token works until it is revoked', async () => {
    await open('API tokens');
    await page.getByRole('button', { name: 'Add an API token' }).first().click();
    await page.getByLabel('Name').fill('nightly report');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const token = await page.getByLabel('API token', { exact: true }).innerText();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    const use = async (): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${rig.serverUrl}/api/v1/jobs`, { headers })).status;
    };
    expect(await use()).toBe(200);
    await row('nightly report')
      .getByText(/^in 89d/)
      .waitFor();
    await lookAt(page, 'e2e-api-tokens');
    await page.getByRole('button', { name: 'Revoke nightly report' }).click();
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('No API token yet').waitFor();
    expect(await use()).toBe(401);
  });

  test('the audit trail tells who did all that, and is read by actor and action from its address', async () => {
    await open('Audit trail');
    await row('api_token.revoked').getByText(ADMIN.email).waitFor();
    await lookAt(page, 'e2e-audit');
    expect(await row('session.created').count()).toBe(0);
    await row('user.password_changed').getByRole('button', { name: VIEWER }).click();
    await row('api_token.revoked').waitFor({ state: 'detached' });
    await row('user.password_changed').waitFor();
    expect(new URL(page.url()).searchParams.get('actor')).toMatch(/^[0-9a-f-]{36}$/);
    await page.goto(`${page.url()}&action=session.created`);
    await row('session.created').first().waitFor();
    expect(await row('user.password_changed').count()).toBe(0);
  });

  test('the organization is renamed, its quota and its retention set', async () => {
    await open('Organization');
    await page.getByLabel('Name').fill('Bay Operations');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await page.getByText('The organization is called Bay Operations now.').waitFor();
    await page.getByLabel('Jobs at a time').fill('25');
    await page.getByRole('button', { name: 'Set quota', exact: true }).click();
    await page.getByText('It counts from now on.').first().waitFor();
    await page.getByLabel('MiB of a log').fill('16');
    const isStored = page.waitForResponse((response) => response.request().method() === 'PATCH');
    await page.getByRole('button', { name: 'Set log limit', exact: true }).click();
    await isStored;
    await page.reload();
    await page.getByLabel('Jobs at a time').waitFor();
    expect(await page.getByLabel('Jobs at a time').inputValue()).toBe('25');
    expect(await page.getByLabel('MiB of a log').inputValue()).toBe('16');
    await page.getByLabel('Days logs are kept').fill('30');
    await page.getByRole('button', { name: 'Set retention' }).click();
    await page.getByText('What is to go is removed within the hour.').first().waitFor();
    await page.reload();
    await page.getByLabel('Days logs are kept').waitFor();
    expect(await page.getByLabel('Days logs are kept').inputValue()).toBe('30');
    await lookAt(page, 'e2e-organization');
  });

  test('a runner is renamed, gets new credentials beside the old ones, and is deleted', async () => {
    await page.goto(`${rig.url}/runners`);
    await page.getByRole('button', { name: 'Register a runner' }).first().click();
    await page.getByLabel('Name').fill('spare');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    const secret = await startCommandSecret();

    await choose('runner spare', 'Rename…');
    await page.getByRole('textbox', { name: 'Name' }).fill('mill');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await page.getByRole('heading', { name: 'mill', exact: true }).waitFor();
    await choose('runner mill', 'Rotate credentials…');
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    expect(await startCommandSecret()).not.toBe(secret);
    await lookAt(page, 'e2e-runner-renamed');
    await choose('runner mill', 'Delete…');
    await page.getByRole('button', { name: 'Delete the runner' }).click();
    await page.getByText('No runner yet').waitFor();
    expect(rig.mishaps).toEqual([]);
  });

  /** What the administrator does meanwhile, in the session of the page. */
  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await page.evaluate(
      async ([method, path, body]) => {
        const init = body ? { body, headers: { 'content-type': 'application/json' } } : {};
        const response = await fetch(`/api/v1${path}`, { method: method!, ...init });
        return { status: response.status, text: await response.text() };
      },
      [method, path, body && JSON.stringify(body)],
    );
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text === '' ? null : (JSON.parse(answer.text) as unknown);
  }

  async function submit(name: string): Promise<string> {
    return ((await call('POST', '/jobs', { name, steps: [{ run: 'true' }] })) as { id: string }).id;
  }

  /** As the commands to start it tell it, this once. */
  async function startCommandSecret(): Promise<string> {
    const command = await page.getByLabel('the shell command', { exact: true }).innerText();
    await page.getByRole('button', { name: 'I have copied it' }).click();
    const secret = /RUNNER_CLIENT_SECRET=(\S+)/.exec(command)?.[1];
    expect(secret).toBeDefined();
    return secret!;
  }

  /** Whatever is open there or elsewhere. */
  async function open(section: string): Promise<void> {
    await page.goto(`${rig.url}/administration`);
    await page.getByRole('link', { name: section, exact: true }).click();
  }

  function row(text: string) {
    return page.getByRole('row').filter({ hasText: text });
  }

  async function choose(of: string, item: string): Promise<void> {
    await page.getByRole('button', { name: `Actions for ${of}` }).click();
    await page.getByRole('menuitem', { name: item }).click();
  }

  async function credentials(): Promise<{ client_id: string; client_secret: string }> {
    const [client_id, client_secret] = [
      await page.getByLabel('Client id', { exact: true }).innerText(),
      await page.getByLabel('Client secret', { exact: true }).innerText(),
    ];
    await page.getByRole('button', { name: 'I have copied it' }).click();
    return { client_id, client_secret };
  }

  function fetchToken(client: Record<string, string>): Promise<Response> {
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...client });
    return fetch(`${rig.serverUrl}/connect/token`, { method: 'POST', body });
  }
});
