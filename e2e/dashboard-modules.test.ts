import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { HierarchyNodeSummary, HierarchyNodeView, Page as PageOf, RunnerCreated, UserView } from '@dibs/shared';
import type { Page } from 'playwright-core';
import { ADMIN, DashboardRig, describeInBrowser } from './support/dashboard-rig.js';
import { expectNoButtons, signIn } from './support/dashboard-page.js';
import { lookAt } from './support/look-at.js';

const VIEWER = { email: 'eve@example.com', password: 'staple battery horse' };
const SECRET = 'never-shown-again-5d1f';

const hasTerraform = spawnSync('terraform', ['version']).status === 0;
if (!hasTerraform) console.warn('skipped: there is no terraform on this machine');

/** From nothing to a module that is set up: each test goes on where the one before ended. */
describeInBrowser('stacks, namespaces and modules in a real browser', () => {
  let rig: DashboardRig;
  let page: Page;
  let vpcUrl: string;

  beforeAll(async () => {
    rig = await DashboardRig.start();
    page = rig.page;
    await page.goto(`${rig.url}/modules`);
    await signIn(page, ADMIN);
  });

  afterAll(() => rig?.stop());

  test('each empty page leads to the next one, down to a module that says what it lacks', async () => {
    await page.getByText('No stack yet').waitFor();
    await lookAt(page, 'e2e-modules-empty');
    await make('stack', 'prod');
    await page.getByText('No namespace yet').waitFor();
    await make('namespace', 'network');
    await page.getByText('No module yet').waitFor();
    await make('module', 'vpc');
    await page.getByText('It needs an engine').waitFor();
    vpcUrl = page.url();
    const crumbs = page.getByRole('navigation', { name: 'Where this is' }).getByRole('link');
    expect(await crumbs.allInnerTexts()).toEqual(['Modules', 'prod', 'network']);
  });

  test('what is not empty stays, and the refusal says what is in the way', async () => {
    await page.getByRole('link', { name: 'prod', exact: true }).click();
    await page.getByRole('button', { name: 'Actions for stack prod' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    await page.getByRole('button', { name: 'Delete the stack' }).click();
    await page.getByRole('alert').getByText('The stack has namespaces inside (1).').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
  });

  test('a setting comes from the stack, is set here, and is inherited again', async () => {
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Change: Engine' }).click();
    await page.getByRole('combobox', { name: 'Engine' }).click();
    await page.getByRole('option', { name: 'terraform' }).click();
    await page.getByLabel('Version').fill('not a range');
    await page.getByRole('button', { name: 'Set it here' }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await page.getByLabel('Version').fill('>=1.5 <2');
    await page.getByRole('button', { name: 'Set it here' }).click();
    await setting('Engine').getByText('set here').waitFor();

    await page.goto(`${vpcUrl}?tab=settings`);
    await setting('Engine').getByText('from stack prod').waitFor();
    await page.getByRole('button', { name: 'Change: Time limit' }).click();
    await page.getByLabel('Seconds').fill('600');
    await page.getByText('That is 10m.').waitFor();
    await page.getByRole('button', { name: 'Set it here' }).click();
    await setting('Time limit').getByText('set here').waitFor();
    await lookAt(page, 'e2e-module-settings');
    await page.getByRole('button', { name: 'Change: Time limit' }).click();
    await page.getByRole('button', { name: 'Inherit it again' }).click();
    await setting('Time limit').getByText('default').waitFor();
  });

  test('inputs of every kind; a secret goes in and never comes out', async () => {
    const { scope } = (await (await rig.api('GET', `/modules/${idOf(vpcUrl)}`)).json()) as HierarchyNodeView;
    await rig.created(`/namespaces/${scope.namespaceId}/modules`, { name: 'peering' });
    const zone = { zone: { type: 'literal', value: 'eu-central-1' } };
    await rig.api('PATCH', `/namespaces/${scope.namespaceId}`, { settings: { variables: zone } });
    await page.getByRole('link', { name: 'Inputs and files' }).click();
    await entry('zone').getByText('from namespace network').waitFor();

    await addVariable('cidr', 'A value', () => page.getByLabel('Value', { exact: true }).fill('10.0.0.0/16'));
    await addVariable('token', 'A secret', () => page.getByLabel('Value', { exact: true }).fill(SECRET));
    await entry('token').getByText('secret, never shown').waitFor();
    await addVariable('peer_id', 'An output of another module', async () => {
      for (const [label, name] of [
        ['Stack', 'prod'],
        ['Namespace', 'network'],
        ['Module', 'peering'],
      ] as const) {
        await page.getByRole('combobox', { name: label }).click();
        await page.getByRole('option', { name, exact: true }).click();
      }
      await page.getByRole('combobox', { name: 'Output', exact: true }).fill('id');
    });
    await entry('peer_id').getByRole('link', { name: 'prod/network/peering' }).waitFor();
    await addVariable('region', 'What its namespace has under another name', () =>
      page.getByRole('combobox', { name: 'Name in the namespace' }).fill('zone'),
    );
    await entry('region').getByText('eu-central-1').waitFor();
    await page.getByRole('button', { name: 'Actions for variable zone' }).click();
    await page.getByRole('menuitem', { name: 'Take it away here…' }).click();
    await page.getByRole('button', { name: 'Take it away', exact: true }).click();
    await entry('zone').getByText('taken away here').waitFor();
    await page.getByRole('button', { name: 'Add a file' }).click();
    await page.getByLabel('Path').fill('main.tf');
    await page.getByLabel('Content').fill('output "id" { value = "vpc-1" }\n');
    await page.getByRole('button', { name: 'Set it here' }).click();
    await entry('main.tf').getByText('1 line, 32 bytes').waitFor();
    await lookAt(page, 'e2e-module-inputs');
    expect(await page.content()).not.toContain(SECRET);
  });

  test('a runner is assigned and a role granted; each page leads to the other', async () => {
    await rig.created('/runners', { name: 'vault-pool', isAssignedToAllModules: false });
    const viewer = await rig.created<UserView>('/users', { ...VIEWER, role: 'viewer' });
    await page.getByRole('link', { name: 'Access and runners' }).click();
    await page.getByText('No runner may take its jobs').waitFor();
    await page.getByRole('button', { name: 'Assign a runner' }).first().click();
    await page.getByRole('combobox', { name: 'Runner' }).click();
    await page.getByRole('option', { name: 'vault-pool' }).click();
    await page.getByRole('button', { name: 'Assign it' }).click();
    await page.getByRole('cell', { name: 'is assigned here' }).waitFor();
    await page.getByRole('button', { name: 'Grant a role' }).click();
    await page.getByRole('combobox', { name: 'Who' }).click();
    await page.getByRole('option', { name: viewer.email }).click();
    await page.getByRole('button', { name: 'Grant it' }).click();
    await page.getByRole('row').filter({ hasText: viewer.email }).getByText('operator').waitFor();
    await lookAt(page, 'e2e-module-access');
    await page.getByRole('link', { name: 'vault-pool' }).click();
    await page.getByRole('button', { name: 'assigned to 1 part of the hierarchy' }).click();
    await page.getByRole('link', { name: 'prod/network/vpc' }).click();
    await page.getByRole('cell', { name: 'is assigned here' }).waitFor();
  });

  test('who is a viewer sees no action, but those that are granted', async () => {
    const theirs = await rig.openBrowser();
    await theirs.goto(vpcUrl);
    await signIn(theirs, VIEWER);
    // an operator of this module, and of nothing else
    await theirs.getByRole('button', { name: 'Plan', exact: true }).waitFor();
    await expectNoButtons(theirs, ['Actions for module vpc']);
    await theirs.getByRole('link', { name: 'network', exact: true }).click();
    await theirs.getByRole('link', { name: 'peering' }).click();
    await theirs.getByText('It needs a configuration').waitFor();
    await expectNoButtons(theirs, ['Plan', 'Apply…', 'Destroy…', 'Actions for module peering']);
    await theirs.getByRole('link', { name: 'Settings' }).click();
    await theirs.locator('[data-setting="Engine"]').getByText('from stack prod').waitFor();
    await expectNoButtons(theirs, ['Change:', 'Add a hook']);
  });

  test('a job is submitted for a module, and found by it in the list', async () => {
    await page.goto(`${rig.url}/jobs/new`);
    await page.getByLabel('Script').fill('true');
    for (const [label, name] of [
      ['Stack', 'prod'],
      ['Namespace', 'network'],
      ['Module', 'vpc'],
    ] as const) {
      await page.getByRole('combobox', { name: label, exact: true }).click();
      await page.getByRole('option', { name, exact: true }).click();
    }
    await page.getByLabel('Name', { exact: true }).fill('by hand');
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await page.getByTestId('job-state').waitFor();
    await rig.submit('of no module', ['true']);
    await page.goto(`${rig.url}/jobs`);
    await page.getByRole('link', { name: 'of no module' }).waitFor();
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('combobox', { name: 'Stack, namespace or module', exact: true }).click();
    await page.getByRole('option', { name: 'prod/', exact: true }).click();
    await page.getByRole('link', { name: 'of no module' }).waitFor({ state: 'detached' });
    for (const path of ['prod/network/', 'prod/network/vpc']) {
      await page.getByRole('option', { name: path, exact: true }).click();
    }
    await page.getByRole('link', { name: 'by hand' }).waitFor();
    await page.waitForURL((url) => url.searchParams.get('module') === 'prod/network/vpc');
    expect(rig.mishaps).toEqual([]);
  });

  test('a graph in words and in a picture; a whole stack is run in its order, and canceled', async () => {
    const stack = await rig.created('/stacks', {
      name: 'lab',
      settings: { engine: { name: 'terraform' }, files: { 'main.tf': { type: 'text', content: '# empty' } } },
    });
    const namespace = await rig.created(`/stacks/${stack.id}/namespaces`, { name: 'core' });
    const base = await rig.created(`/namespaces/${namespace.id}/modules`, { name: 'base' });
    const taken = { base_id: { type: 'output', moduleId: base.id, output: 'id' } };
    for (const name of ['web', 'worker']) {
      await rig.created(`/namespaces/${namespace.id}/modules`, { name, settings: { variables: taken } });
    }
    await page.goto(`${rig.url}/modules/stacks/${stack.id}?tab=graph`);
    await inOrder('core/web').getByText('takes id of core/base').waitFor();
    expect(await page.locator('[data-module]').allInnerTexts()).toEqual([
      expect.stringMatching(/^1\s+core\/base/),
      expect.stringMatching(/^2\s+core\/web/),
      expect.stringMatching(/^2\s+core\/worker/),
    ]);
    await page.getByRole('region', { name: 'Picture of the graph', exact: true }).getByText('core/worker').waitFor();
    await lookAt(page, 'e2e-stack-graph');

    await page.getByRole('button', { name: 'Run everything', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Apply everything…', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Apply everything in lab', exact: true });
    await dialog.getByText('3 modules.', { exact: true }).waitFor();
    await dialog.getByRole('radio', { name: 'Go on with the others', exact: true }).check();
    await lookAt(page, 'e2e-scope-run-dialog');
    await dialog.getByRole('button', { name: 'Plan and apply', exact: true }).click();
    const state = page.getByTestId('scope-run-state');
    await state.getByText('Running', { exact: true }).waitFor();
    // no runner is there yet that could plan it
    await inOrder('core/base').getByText('Planning', { exact: true }).waitFor();
    await inOrder('core/web').getByText('Waits', { exact: true }).waitFor();
    await lookAt(page, 'e2e-scope-run');
    await page.getByRole('button', { name: 'Cancel the run…', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel the run', exact: true }).click();
    await state.getByText('Canceled', { exact: true }).waitFor();
    await page.goto(`${rig.url}/modules/stacks/${stack.id}?tab=runs`);
    await page
      .getByRole('row')
      .filter({ hasText: '0 of 3 modules done' })
      .getByRole('link', { name: 'Apply', exact: true })
      .waitFor();
    await lookAt(page, 'e2e-scope-runs');
    expect(rig.mishaps).toEqual([]);
  });

  test('a definition is refused where it is wrong, looked at and imported; an archive becomes a source', async () => {
    const stack = await rig.created('/stacks', { name: 'texts' });
    await page.goto(`${rig.url}/modules/stacks/${stack.id}?tab=definition`);
    const text = page.getByRole('textbox', { name: 'Definition to import', exact: true });
    const look = page.getByRole('button', { name: 'See what would change', exact: true });
    await text.fill(definitionWith('terrafrom'));
    await look.click();
    await page.getByRole('alert').getByText('line 5', { exact: false }).waitFor();
    await text.fill(definitionWith('terraform'));
    await look.click();
    await page.getByText('texts/core/web', { exact: true }).waitFor();
    await lookAt(page, 'e2e-definition');
    expect(await idsIn(`/stacks/${stack.id}/namespaces`)).toEqual([]);
    const imports = page.getByRole('button', { name: 'Import it', exact: true });
    await imports.click();
    await imports.waitFor({ state: 'hidden' });
    const [namespace] = await idsIn(`/stacks/${stack.id}/namespaces`);
    const [web] = await idsIn(`/namespaces/${namespace}/modules`);

    await page.goto(`${rig.url}/modules/${web}?tab=settings`);
    await page.getByRole('button', { name: 'Change: Source', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Source', exact: true });
    await dialog.getByText('Uploaded archive', { exact: true }).click();
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      dialog.getByRole('button', { name: 'Archive', exact: true }).click(),
    ]);
    const { stdout: buffer } = spawnSync('tar', ['-c', 'README.md'], { cwd: path.join(import.meta.dirname, '..') });
    await chooser.setFiles({ name: 'web.tar', mimeType: 'application/x-tar', buffer });
    await dialog.getByText(/^sha256:[0-9a-f]{64}$/).waitFor();
    await lookAt(page, 'e2e-archive-source');
    await dialog.getByRole('button', { name: 'Set it here', exact: true }).click();
    await setting('Source').getByText('set here', { exact: true }).waitFor();
    const { settings } = (await (await rig.api('GET', `/modules/${web}`)).json()) as HierarchyNodeView;
    expect(settings).toMatchObject({ source: { type: 'archive' }, triggerOnSourceChanged: true });
    expect(rig.mishaps).toEqual([]);
  });

  (hasTerraform ? test : test.skip)(
    'a plan waits for approval and is carried out; what is sensitive stays so',
    async () => {
      const { scope } = (await (await rig.api('GET', `/modules/${idOf(vpcUrl)}`)).json()) as HierarchyNodeView;
      const { items } = (await (
        await rig.api('GET', `/namespaces/${scope.namespaceId}/modules`)
      ).json()) as PageOf<HierarchyNodeSummary>;
      const { id } = items.find(({ name }) => name === 'peering')!;
      const configuration = [
        `terraform {\n  backend "local" {\n    path = ${JSON.stringify(path.join(rig.folder, 'state'))}\n  }\n}`,
        'resource "terraform_data" "one" { input = "peer-1" }',
        'output "id" { value = terraform_data.one.output }',
        `output "token" {\n  value = "${SECRET}"\n  sensitive = true\n}`,
      ];
      const files = { 'main.tf': { type: 'text', content: configuration.join('\n') } };
      expect((await rig.api('PATCH', `/modules/${id}`, { settings: { files } })).status).toBe(200);
      const { credentials } = await rig.created<RunnerCreated>('/runners', { name: 'engine-pool' });
      rig.startRunner({
        RUNNER_SERVER_URL: rig.serverUrl,
        RUNNER_NAME: 'engine-pool',
        RUNNER_CLIENT_ID: credentials!.clientId,
        RUNNER_CLIENT_SECRET: credentials!.clientSecret,
        RUNNER_WORK_DIR: path.join(rig.folder, 'work'),
      });

      await page.goto(`${rig.url}/modules/${id}`);
      await page.getByRole('button', { name: 'Apply…' }).click();
      await page.getByText('waits until somebody approves it').waitFor();
      await page.getByRole('button', { name: 'Plan and apply' }).click();
      await page.getByTestId('approval').getByLabel('1 to add, 0 to change, 0 to destroy').waitFor();
      await lookAt(page, 'e2e-run-approval');
      await page.getByLabel('Comment').fill('looked at with Bob');
      await page.getByRole('button', { name: 'Approve and apply' }).click();
      await page.getByTestId('run-state').getByText('Succeeded').waitFor();
      await page.getByText(`Approved by ${ADMIN.email}`).waitFor();
      await page.getByText('looked at with Bob').waitFor();
      await lookAt(page, 'e2e-run-applied');
      const runUrl = page.url();
      await page.getByTestId('stage-apply').getByRole('link', { name: 'Log' }).click();
      await page.getByRole('link', { name: 'a run of its module' }).click();
      await page.waitForURL(runUrl);

      await page.goto(`${rig.url}/modules/${id}?tab=outputs`);
      await page.getByRole('row').filter({ hasText: 'token' }).getByText('sensitive, never shown').waitFor();
      await page.getByRole('row').filter({ hasText: 'peer-1' }).waitFor();
      await lookAt(page, 'e2e-module-outputs');
      await page.getByRole('button', { name: 'Destroy…' }).click();
      const destroy = page.getByRole('button', { name: 'Plan and destroy' });
      await page.getByLabel('Type the name of the module').fill('vpc');
      expect(await destroy.isDisabled()).toBe(true);
      await page.getByLabel('Type the name of the module').fill('peering');
      await destroy.click();
      await page.getByTestId('approval').getByLabel('0 to add, 0 to change, 1 to destroy').waitFor();
      await page.getByRole('button', { name: 'Reject' }).click();
      await page.getByTestId('run-state').getByText('Rejected').waitFor();
      expect(rig.mishaps).toEqual([]);
    },
  );

  async function idsIn(list: string): Promise<string[]> {
    const { items } = (await (await rig.api('GET', list)).json()) as PageOf<HierarchyNodeSummary>;
    return items.map(({ id }) => id);
  }

  async function make(kind: 'stack' | 'namespace' | 'module', name: string): Promise<void> {
    await page.getByRole('button', { name: `New ${kind}` }).click();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByRole('button', { name: `Make the ${kind}` }).click();
    await page.getByRole('heading', { name, exact: true }).waitFor();
  }

  async function addVariable(name: string, type: string, fill: () => Promise<void>): Promise<void> {
    await page.getByRole('button', { name: 'Add a variable' }).click();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByRole('combobox', { name: 'It is' }).click();
    await page.getByRole('option', { name: type, exact: true }).click();
    await fill();
    await page.getByRole('button', { name: 'Set it here' }).click();
    await entry(name).waitFor();
  }

  function entry(name: string) {
    return page.locator(`[data-entry="${name}"]`);
  }

  function inOrder(module: string) {
    return page.locator(`[data-module="${module}"]`);
  }

  function setting(label: string) {
    return page.locator(`[data-setting="${label}"]`);
  }
});

function idOf(url: string): string {
  return new URL(url).pathname.split('/').at(-1)!;
}

function definitionWith(engine: string): string {
  return [
    ...['version: 1', 'kind: stack', 'settings:', '  engine:', `    name: ${engine}`],
    ...['namespaces:', '  core:', '    modules:', '      web:', '        settings: { triggerOnSourceChanged: true }'],
  ].join('\n');
}
