import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FirstError, ModuleRun, RunnerCreated, ScopeRunView, UserView } from '@dibs/shared';
import type { Page } from 'playwright-core';
import { insertInstance, withClient } from '../server/test/support/access-fixtures.js';
import { ADMIN, DashboardRig, describeInBrowser } from './support/dashboard-rig.js';
import { instanceStatus, liveState, signIn } from './support/dashboard-page.js';
import { eventually } from './support/eventually.js';
import { lookAt } from './support/look-at.js';
import { pageRoutes } from './support/page-routes.js';
import { notToldApart } from './support/told-apart.js';

const VIEWER = { email: 'eve@example.com', password: 'staple battery horse' };
/** HTML, and letters that are written from right to left. */
const NAME = '<img src=x onerror=alert(1)> שלום';
const UNSTABLE = { runner: 'shaky-pool', instance: 'shaky-0' };

/** What there is to be looked at, by the word of the route that stands for it. */
type Ids = Record<'jobId' | 'fingerprint' | 'stackId' | 'namespaceId' | 'moduleId' | 'runId' | 'scopeRunId', string>;

interface ShownPage {
  readonly path: (ids: Ids) => string;
  /** Words that are there once what the page is about is shown. */
  readonly shows: string;
  readonly title: RegExp;
}

const page = (path: ShownPage['path'] | string, shows: string, title: RegExp): ShownPage => ({
  path: typeof path === 'string' ? () => path : path,
  shows,
  title,
});

const PAGES: Readonly<Record<string, ShownPage>> = {
  '/overview': page('/overview', 'Queue by demand', /^\(\d+\) Overview · Dibs$/),
  '/jobs': page('/jobs', NAME, /^Jobs · Dibs$/),
  '/jobs/new': page('/jobs/new', 'Submit a job', /^Submit a job · Dibs$/),
  '/jobs/[jobId]': page(({ jobId }) => `/jobs/${jobId}`, 'complete', /^Failed · .* · Dibs$/),
  '/logs': page('/logs?q=went', 'All logs were searched.', /^went · Logs · Dibs$/),
  '/logs/errors/[fingerprint]': page(
    ({ fingerprint }) => `/logs/errors/${fingerprint}`,
    'it went wrong',
    /^The same error · Dibs$/,
  ),
  '/modules': page('/modules', 'prod', /^Modules · Dibs$/),
  '/modules/stacks/[stackId]': page(({ stackId }) => `/modules/stacks/${stackId}`, 'network', /^prod · Dibs$/),
  '/modules/namespaces/[namespaceId]': page(
    ({ namespaceId }) => `/modules/namespaces/${namespaceId}`,
    'vpc',
    /^prod\/network · Dibs$/,
  ),
  '/modules/[moduleId]': page(
    ({ moduleId }) => `/modules/${moduleId}`,
    'New commits of',
    /^prod\/network\/vpc · Dibs$/,
  ),
  '/modules/runs/[runId]': page(
    ({ runId }) => `/modules/runs/${runId}`,
    'Carry out this plan?',
    /^Awaits approval · Apply prod\/network\/vpc · Dibs$/,
  ),
  '/modules/scope-runs/[runId]': page(
    ({ scopeRunId }) => `/modules/scope-runs/${scopeRunId}`,
    'A plan waits for approval',
    /^Running · Apply everything in prod · Dibs$/,
  ),
  '/runners': page('/runners', 'Unstable', /^\d+ online · Runners · Dibs$/),
  '/administration/users': page('/administration/users', VIEWER.email, /^Users · Dibs$/),
  '/administration/service-principals': page('/administration/service-principals', NAME, /^Service principals · Dibs$/),
  '/administration/api-tokens': page('/administration/api-tokens', NAME, /^API tokens · Dibs$/),
  '/administration/audit': page('/administration/audit', 'runner.created', /^Audit trail · Dibs$/),
  '/administration/organization': page('/administration/organization', 'Jobs at a time', /^Organization · Dibs$/),
};
/** Addresses that lead to one of the others, and the page of who is not signed in, which is looked at as well. */
const OTHER_ROUTES = ['/', '/administration', '/sign-in'];

/** States of pages that the other tests do not come by. */
const STATES: Readonly<Record<string, ShownPage>> = {
  'no-page': page('/no/such/page', 'There is no such page', /^No such page · Dibs$/),
  'no-job': page('/jobs/00000000-0000-4000-8000-000000000000', 'There is no such job', /^Job · Dibs$/),
  'no-run': page('/modules/runs/00000000-0000-4000-8000-000000000000', 'There is no such run', /^Run · Dibs$/),
  'no-module': page('/modules/00000000-0000-4000-8000-000000000000', 'There is no such module', /^module · Dibs$/),
  'jobs-filtered': page(
    `/jobs?state=failed&runner=build-pool&from=2026-01-01T00%3A00&q=hostile`,
    'No job matches',
    /^Failed jobs · Dibs$/,
  ),
  'organization-settings': page('/modules?tab=settings', 'Look for new commits', /^Modules · Dibs$/),
  'organization-definition': page('/modules?tab=definition', 'prod:', /^Modules · Dibs$/),
  'namespace-graph': page(
    ({ namespaceId }) => `/modules/namespaces/${namespaceId}?tab=graph`,
    'takes id of vpc',
    /^prod\/network · Dibs$/,
  ),
};

/** Buttons that change nothing but what is shown. */
const HARMLESS = new RegExp(
  `^(${[
    'Use the (dark|light) theme',
    'Account: .*',
    'Copy .*',
    'Filters( \\(\\d\\))?',
    'Views',
    'Keys of this page',
    'Clear the search',
    'Show all jobs',
    'Search',
    'Connections of .*',
    'Step \\d+ · .*',
    'Show .*',
    'Search .*',
    'Wrap .*',
    'Download .*',
    'Follow .*',
    'To the .*',
  ].join('|')})$`,
);

/** What each page looks like with all that may be on it, and what is left of it for who may only look. */
describeInBrowser('every page of the dashboard', () => {
  let rig: DashboardRig;
  let ours: Page;
  let theirs: Page;
  let ids: Ids;

  beforeAll(async () => {
    rig = await DashboardRig.start();
    ours = rig.page;
    theirs = await rig.openBrowser();
    await rig.created<UserView>('/users', { ...VIEWER, role: 'viewer' });
    ids = await arrange(rig);
  });

  afterAll(() => rig?.stop());

  test('is looked at here', () => {
    expect(pageRoutes()).toEqual([...Object.keys(PAGES), ...OTHER_ROUTES].sort());
  });

  test('/sign-in', async () => {
    await ours.goto(`${rig.url}/jobs`);
    await ours.getByRole('heading', { name: 'Sign in to Dibs' }).waitFor();
    expect(await ours.title()).toBe('Sign in · Dibs');
    await lookAt(ours, 'page-sign-in');
    await signIn(ours, ADMIN);
    await ours.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
    await theirs.goto(`${rig.url}/jobs`);
    await signIn(theirs, VIEWER);
    await theirs.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
  });

  test.each(Object.keys(PAGES))('%s', async (route) => {
    const { path, shows, title } = PAGES[route]!;
    await open(ours, path(ids), shows);
    await expectTitle(ours, title);
    expect(await notToldApart(ours, NAME)).toEqual([]);
    await lookAt(ours, `page${route.replaceAll(/[^A-Za-z]+/g, '-').replace(/-$/, '')}`);

    await theirs.goto(rig.url + path(ids));
    const isForAdministrators = route.startsWith('/administration');
    const isForOperators = route === '/jobs/new';
    const refusal = isForAdministrators ? 'This is for administrators' : 'You may not submit jobs';
    await shown(theirs, isForAdministrators || isForOperators ? refusal : shows);
    expect((await offered(theirs)).filter((name) => !HARMLESS.test(name))).toEqual([]);
    expect(rig.mishaps).toEqual([]);
  });

  test.each(Object.keys(STATES))('%s', async (state) => {
    const { path, shows, title } = STATES[state]!;
    await open(ours, path(ids), shows);
    await expectTitle(ours, title);
    await lookAt(ours, `page-${state}`);
    expect(rig.mishaps).toEqual([]);
  });

  test('the keys of the list of jobs are told by one of them', async () => {
    await open(ours, '/jobs', NAME);
    await ours.keyboard.press('Shift+?');
    await ours.getByRole('dialog', { name: 'Keys of this page' }).getByText('Next job').waitFor();
    await lookAt(ours, 'page-jobs-keys');
    await ours.keyboard.press('Escape');
    await ours.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  test('an instance that comes and goes is unstable', async () => {
    await open(ours, '/runners', UNSTABLE.instance);
    await instanceStatus(ours, UNSTABLE.instance, 'Unstable');
    await ours.getByTestId(`instance-${UNSTABLE.instance}`).getByText('was disconnected 3 times').waitFor();
  });

  test('a run that one cancels is canceled on the page of the other', async () => {
    const path = `/modules/scope-runs/${ids.scopeRunId}`;
    await open(theirs, path, 'A plan waits for approval');
    await liveState(theirs, 'Live');
    await open(ours, path, 'A plan waits for approval');
    await ours.getByRole('button', { name: 'Cancel the run…' }).click();
    await ours.getByRole('button', { name: 'Cancel the run', exact: true }).click();
    for (const each of [ours, theirs]) await each.getByTestId('scope-run-state').getByText('Canceled').waitFor();
  });

  test('while the server is away every page says that it may be behind, and catches up by itself', async () => {
    const paths = ['/overview', '/jobs', '/runners', `/modules/${ids.moduleId}`, `/modules/runs/${ids.runId}`];
    const tabs = await Promise.all(paths.map(() => ours.context().newPage()));
    for (const [index, tab] of tabs.entries()) {
      await tab.goto(rig.url + paths[index]!);
      await liveState(tab, 'Live');
    }
    await rig.restartServer(async () => {
      for (const tab of tabs) {
        await liveState(tab, 'Reconnecting…');
        await tab.locator('link[rel="icon"][data-state][href*="dasharray"]').waitFor({ state: 'attached' });
        await tab.getByText('may be behind').first().waitFor();
      }
    });
    for (const tab of tabs) {
      await liveState(tab, 'Live');
      await tab.getByText('may be behind').first().waitFor({ state: 'detached' });
    }
    const id = await rig.submit('after the restart', ['true']);
    await tabs[1]!.locator(`[data-job="${id}"]`).waitFor();
    await Promise.all(tabs.map((tab) => tab.close()));
  }, 240_000);

  async function open(where: Page, path: string, shows: string): Promise<void> {
    await where.goto(rig.url + path);
    await shown(where, shows);
  }

  async function shown(where: Page, words: string): Promise<void> {
    await where.getByText(words).locator('visible=true').first().waitFor();
  }

  async function expectTitle(where: Page, title: RegExp): Promise<void> {
    await where.waitForFunction(({ source }) => new RegExp(source).test(document.title), { source: title.source });
  }

  function offered(where: Page): Promise<string[]> {
    return where.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('main button, main a, main [role="menuitem"]')]
        .filter((one) => one.checkVisibility() && (one.tagName !== 'A' || /submit|retry|new/i.test(one.textContent)))
        .map((one) => one.getAttribute('aria-label') ?? one.textContent.trim()),
    );
  }
});

/** Something of every kind, some of it with a name that tries to be more than a name. */
async function arrange(rig: DashboardRig): Promise<Ids> {
  const sql = (text: string, values: unknown[] = []) =>
    withClient(rig.database.url, (client) => client.query<Record<string, string>>(text, values));
  await rig.created('/service-principals', { name: NAME, role: 'viewer' });
  await rig.created('/api-tokens', { name: NAME, role: 'viewer' });

  const shaky = await rig.created<RunnerCreated>('/runners', { name: UNSTABLE.runner });
  const state = { connected: true, lastSeenSecondsAgo: -3_600 };
  const instanceId = await insertInstance(rig.database.url, shaky.id, UNSTABLE.instance, state);
  await sql('UPDATE runner_instances SET host_name = $1, labels = $2 WHERE id = $3', [
    NAME,
    { zone: NAME },
    instanceId,
  ]);
  await sql(
    `INSERT INTO instance_connections
       (organization_id, instance_id, session_id, connected_at, disconnected_at, reason, close_code, planned)
     SELECT organization_id, id, gen_random_uuid(), clock_timestamp() - interval '2 minutes', clock_timestamp(),
       'the connection was lost', 1006, false
     FROM runner_instances, generate_series(1, 3) WHERE id = $1`,
    [instanceId],
  );

  const { credentials } = await rig.created<RunnerCreated>('/runners', { name: 'build-pool' });
  rig.startRunner({
    RUNNER_SERVER_URL: rig.serverUrl,
    RUNNER_NAME: 'build-pool',
    RUNNER_CLIENT_ID: credentials!.clientId,
    RUNNER_CLIENT_SECRET: credentials!.clientSecret,
    RUNNER_WORK_DIR: `${rig.folder}/work`,
  });
  const { id: jobId } = await rig.created('/jobs', {
    name: NAME,
    env: { HOSTILE: NAME },
    steps: [{ name: NAME, run: 'echo "error: it went wrong" >&2; exit 3' }],
  });
  await rig.created('/jobs', { name: 'waits', steps: [{ run: 'true' }], requires: { tools: ['cobol'] } });

  const engine = { engine: { name: 'terraform' }, files: { 'main.tf': { type: 'text', content: '# empty' } } };
  const stack = await rig.created('/stacks', { name: 'prod', settings: { ...engine, labels: { zone: 'nowhere' } } });
  const namespace = await rig.created(`/stacks/${stack.id}/namespaces`, { name: 'network' });
  const vpc = await rig.created(`/namespaces/${namespace.id}/modules`, {
    name: 'vpc',
    settings: {
      source: { type: 'git', url: 'https://git.example/infra.git', revision: 'main' },
      triggerOnSourceChanged: true,
    },
  });
  const upstream = { type: 'output', moduleId: vpc.id, output: 'id' };
  await rig.created(`/namespaces/${namespace.id}/modules`, { name: 'dns', settings: { variables: { vpc: upstream } } });
  const scopeRun = await rig.created<ScopeRunView>(`/stacks/${stack.id}/runs`, { operation: 'apply' });
  const runId = await eventually('the run of the first module', async () => {
    const { modules } = (await (await rig.api('GET', `/scope-runs/${scopeRun.id}`)).json()) as ScopeRunView;
    return modules.find(({ moduleId }) => moduleId === vpc.id)?.runId ?? undefined;
  });
  // no runner has planned it, since none is where it is to be
  await sql(
    `UPDATE module_runs SET state = 'awaiting_approval', approval_expires_at = clock_timestamp() + interval '1 day',
       plan = '{"add":2,"change":1,"destroy":1,"hasChanges":true}' WHERE id = $1`,
    [runId],
  );
  const run = (await (await rig.api('GET', `/module-runs/${runId}`)).json()) as ModuleRun;
  expect(run.state).toBe('awaiting_approval');

  const fingerprint = await eventually('the fingerprint of the error', async () => {
    const found = (await (await rig.api('GET', `/jobs/${jobId}/first-error`)).json()) as FirstError;
    return found.error?.fingerprint;
  });
  // only a module that is deployed has somebody look at its source
  await sql(
    `INSERT INTO source_watches (organization_id, module_id, url, url_key, revision, next_check_at, checked_at, problem)
     SELECT organization_id, id, 'https://git.example/infra.git', 'git.example/infra', 'main',
       clock_timestamp() + interval '1 hour', clock_timestamp(), 'Could not resolve host: git.example'
     FROM modules WHERE id = $1`,
    [vpc.id],
  );
  return {
    ...{ jobId, fingerprint, runId, scopeRunId: scopeRun.id },
    ...{ stackId: stack.id, namespaceId: namespace.id, moduleId: vpc.id },
  };
}
