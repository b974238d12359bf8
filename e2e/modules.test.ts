import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JobDetail, ModuleOutputs, ModuleRun, ScopeRunView, SourceArchive } from '@dibs/shared';
import { tarGz } from '../shared/test/make-archive.js';
import { eventually } from './support/eventually.js';
import { GitServer } from './support/git-server.js';
import { Installation, type RunningRunner } from './support/installation.js';
import { ModuleTree } from './support/module-tree.js';
import { StateStore } from './support/state-store.js';
import { tables, textsBelow } from './support/stored-texts.js';

const SECRET = 'hush-4711-secret-token';
const BACKEND = 'terraform {\n  backend "http" {}\n}\n';

/** Built into terraform: no provider is downloaded. */
const NETWORK = `${BACKEND}
variable "cidr" { type = string }
variable "token" {
  type      = string
  sensitive = true
}
resource "terraform_data" "network" { input = var.cidr }
output "cidr" { value = terraform_data.network.output }
output "token" {
  value     = "\${var.token}-\${terraform_data.network.output}"
  sensitive = true
}
`;
const APP = `${BACKEND}
variable "network" { type = string }
variable "token" {
  type      = string
  sensitive = true
}
resource "terraform_data" "app" { input = "app in \${var.network}, \${nonsensitive(sha256(var.token))}" }
output "app" { value = terraform_data.app.output }
`;
/** Takes what another one puts out, and puts out more. */
const LINK = `${BACKEND}
variable "before" {
  type    = string
  default = "the ground"
}
variable "name" { type = string }
resource "terraform_data" "link" { input = "\${var.name} on \${var.before}" }
output "link" { value = terraform_data.link.output }
`;
/** Says by a file that it is in the middle of something long. */
const LONG = `${BACKEND}
variable "started" { type = string }
resource "terraform_data" "quick" { input = "made first" }
resource "terraform_data" "long" {
  depends_on = [terraform_data.quick]
  provisioner "local-exec" { command = "touch '\${var.started}'; sleep 600" }
}
`;

let installation: Installation;
let runner: RunningRunner;
let states: StateStore;
let repository: GitServer;
let tree: ModuleTree;

beforeAll(async () => {
  states = await StateStore.start();
  installation = await Installation.start({ timeScale: 0.4 });
  repository = await GitServer.start(`${installation.folder}/git`);
  runner = await installation.startRunner({ instance: 'deployer', slots: 2 });
  tree = await ModuleTree.grow(installation.api, { engine: { name: 'terraform' }, timeoutSeconds: 600 });
});

afterAll(async () => {
  await repository.stop();
  await installation.stop();
  await states.stop();
});

const literal = (value: string) => ({ type: 'literal', value }) as const;
const text = (content: string) => ({ type: 'text', content }) as const;
const settingsOf = (name: string, configuration: string) => ({
  backend: states.backend(name),
  files: { 'main.tf': text(configuration) },
});
/** The configuration in a folder of an archive. */
async function uploaded(folder: string, configuration: string) {
  const { sha256 } = await installation.api.upload<SourceArchive>(
    '/api/v1/source-archives',
    new Uint8Array(tarGz([{ name: `./${folder}/main.tf`, content: configuration }])),
  );
  return { type: 'archive', sha256, path: folder } as const;
}
const jobOf = ({ applyJobId, firstJobId }: ModuleRun): Promise<JobDetail> =>
  installation.api.job(applyJobId ?? firstJobId);
const outputsOf = (moduleId: string): Promise<ModuleOutputs> =>
  installation.api.call('GET', `/api/v1/modules/${moduleId}/outputs`);

async function applied(moduleId: string, operation: 'apply' | 'destroy'): Promise<ModuleRun> {
  const { id } = await tree.start(moduleId, { operation });
  await tree.in('awaiting_approval', id);
  await tree.approve(id);
  return tree.in('succeeded', id);
}

test('from a plan that somebody approves to outputs, to the module that takes them, and back to nothing', async () => {
  const network = await tree.module('network', {
    ...settingsOf('network', NETWORK),
    variables: { cidr: literal('10.0.0.0/8'), token: { type: 'secret', value: SECRET } },
  });
  const app = await tree.module('app', {
    backend: states.backend('app'),
    source: await uploaded('app', APP),
    approval: { when: 'never', expiresAfterSeconds: 3600 },
    triggerOnUpstreamOutputChanged: true,
    variables: {
      network: { type: 'output', moduleId: network, output: 'cidr' },
      token: { type: 'output', moduleId: network, output: 'token' },
    },
  });
  // nothing was ever put out
  await expect(tree.start(app, { operation: 'apply' })).rejects.toThrow(/422.*network.*cidr/s);

  const { id } = await tree.start(network, { operation: 'apply' });
  const planned = await tree.in('awaiting_approval', id);
  expect(planned.plan).toMatchObject({ add: 1, change: 0, destroy: 0, hasChanges: true });
  expect(states.resources('network')).toBeNull();
  // the plan is on the server: whoever made it may be gone
  await runner.process.kill();
  runner = await installation.startRunner({ instance: 'other', slots: 2 });
  await tree.approve(id);
  const run = await tree.in('succeeded', id);
  expect(run).toMatchObject({ approval: { decision: 'approved' }, stateLock: { state: 'released' } });
  const job = await jobOf(run);
  expect(job.claimedBy).toMatchObject({ instance: 'other' });
  expect(job.steps.map((step) => [step.name, step.state])).toEqual([
    ['init', 'succeeded'],
    ['apply', 'succeeded'],
    ['outputs', 'succeeded'],
  ]);
  expect(states.resources('network')).toEqual(['terraform_data.network']);
  expect(await outputsOf(network)).toMatchObject({
    version: 1,
    jobId: run.applyJobId,
    outputs: { cidr: { sensitive: false, value: '10.0.0.0/8' }, token: { sensitive: true } },
  });

  // without anybody asking
  const triggered = await eventually(
    'a run of the module that takes the outputs',
    async () => (await tree.runs(app))[0],
  );
  expect(triggered.trigger).toBe('upstream_output');
  await tree.in('succeeded', triggered.id);
  expect(states.resources('app')).toEqual(['terraform_data.app']);
  expect((await outputsOf(app)).outputs.app).toMatchObject({ value: expect.stringContaining('app in 10.0.0.0/8') });

  // nothing changes, so nothing is carried out
  const again = await tree.start(network, { operation: 'apply' });
  expect(await tree.in('succeeded', again.id)).toMatchObject({ applyJobId: null, plan: { hasChanges: false } });

  // it came through to where terraform keeps it, or it would be found nowhere for another reason
  expect(states.holds('network', `${SECRET}-10.0.0.0/8`)).toBe(true);
  const leaks = [
    ...(await tables(installation.databaseUrl)),
    ...textsBelow(runner.workDir),
    ...[installation.server, runner.process].map(({ name, said }) => [name, said.join('\n')] as const),
    ...(await readings([network, app])),
  ].filter(([, content]) => content.includes(SECRET) || content.includes(Buffer.from(SECRET).toString('hex')));
  expect(leaks.map(([name]) => name)).toEqual([]);

  await tree.in('succeeded', (await tree.start(app, { operation: 'destroy' })).id);
  expect(states.resources('app')).toEqual([]);
  const destroyed = await applied(network, 'destroy');
  expect(destroyed.plan).toMatchObject({ add: 0, destroy: 1 });
  expect(states.resources('network')).toEqual([]);
}, 600_000);

test('one run applies a whole stack in the order of its outputs, and one takes it all away again', async () => {
  const approval = { when: 'never', expiresAfterSeconds: 3600 } as const;
  const stack = await ModuleTree.grow(installation.api, { engine: { name: 'terraform' }, approval }, 'tower');
  const ids = new Map<string, string>();
  for (const [name, before] of [['base'], ['left', 'base'], ['right', 'base'], ['top', 'left']] as const) {
    const taken = before && ({ type: 'output', moduleId: ids.get(before)!, output: 'link' } as const);
    const variables = { name: literal(name), ...(taken && { before: taken }) };
    ids.set(name, await stack.module(name, { ...settingsOf(`tower-${name}`, LINK), variables }));
  }
  await stack.change(ids.get('left')!, { approval: { when: 'changes', expiresAfterSeconds: 3600 } });
  const stateOf = (run: ScopeRunView, name: string) => run.modules.find(({ moduleId }) => moduleId === ids.get(name))!;

  const apply = await stack.startAll({ operation: 'apply' });
  const held = await stack.all(apply, (now) => stateOf(now, 'left').runState === 'awaiting_approval');
  expect(stateOf(held, 'top')).toMatchObject({ state: 'waiting', runId: null });
  expect(states.resources('tower-base')).toEqual(['terraform_data.link']);
  await stack.approve(stateOf(held, 'left').runId!);
  expect(await stack.all(apply)).toMatchObject({ state: 'succeeded', counts: { succeeded: 4 } });
  expect((await outputsOf(ids.get('top')!)).outputs.link).toMatchObject({ value: 'top on left on base on the ground' });

  // left asks for approval of what it would change, so it holds up base
  const destroy = await stack.startAll({ operation: 'destroy' });
  const last = await stack.all(destroy, (now) => stateOf(now, 'left').runState === 'awaiting_approval');
  expect(states.resources('tower-top')).toEqual([]);
  expect(stateOf(last, 'base')).toMatchObject({ state: 'waiting', runId: null });
  expect(states.resources('tower-base')).toEqual(['terraform_data.link']);
  await stack.approve(stateOf(last, 'left').runId!);
  expect(await stack.all(destroy)).toMatchObject({ state: 'succeeded', counts: { succeeded: 4 } });
  for (const name of ids.keys()) expect(states.resources(`tower-${name}`)).toEqual([]);

  // nothing is there: once more changes nothing
  expect(await stack.all(await stack.startAll({ operation: 'destroy' }))).toMatchObject({
    ...{ state: 'succeeded', counts: { succeeded: 1, skipped: 3 } },
  });
}, 600_000);

describe('in the middle of an apply', () => {
  test('a cancel has terraform end by itself: the state is written, the lock is given back', async () => {
    const { module, run } = await inTheMiddle('canceled');
    await tree.cancel(run.id);
    const ended = await tree.in('canceled', run.id);
    expect(ended.stateLock).toEqual({ state: 'released' });
    expect(states.isLocked('canceled')).toBe(false);
    expect(states.resources('canceled')).toContain('terraform_data.quick');
    const { id } = await tree.start(module, { operation: 'plan' });
    await tree.in('succeeded', id);
  }, 600_000);

  test('kill -9 of the runner loses the job for good, and the lock that is left can be taken away', async () => {
    const { module, run } = await inTheMiddle('killed');
    await runner.process.kill();
    // its processes end with it, or with the next of its name
    runner = await installation.startRunner({ instance: runner.instance, slots: 2 });
    const lost = await tree.in('failed', run.id);
    expect(await jobOf(lost)).toMatchObject({ state: 'lost', attempt: 1 });
    expect(states.isLocked('killed')).toBe(true);

    const blocked = await tree.in('failed', (await tree.start(module, { operation: 'plan' })).id);
    expect(blocked.stateLock).toMatchObject({ state: 'held', id: expect.any(String) });
    const lockId = (blocked.stateLock as { id: string }).id;
    await expect(tree.start(module, { operation: 'unlock', lockId: 'another' })).rejects.toThrow('422');
    const unlocked = await tree.in('succeeded', (await tree.start(module, { operation: 'unlock', lockId })).id);
    expect(unlocked.stateLock).toEqual({ state: 'released' });
    expect(states.isLocked('killed')).toBe(false);
    await tree.in('succeeded', (await tree.start(module, { operation: 'plan' })).id);
    expect((await tree.runs(module)).filter(({ operation }) => operation === 'apply')).toHaveLength(1);
  }, 600_000);
});

test('what the people of a host have not allowed is refused there, whatever the server says', async () => {
  const hooks = `${installation.folder}/hooks`;
  const policy = `${installation.folder}/policy.json`;
  const ran = `${installation.folder}/hook-ran`;
  const hook = `touch '${ran}'\n`;
  fs.mkdirSync(hooks);
  fs.writeFileSync(`${hooks}/approved.sh`, hook);
  fs.writeFileSync(policy, JSON.stringify({ scripts: true, sources: { files: ['main.tf'] }, maximumDestroys: 0 }));
  await installation.startRunner({
    instance: 'guarded',
    env: { RUNNER_LABELS: 'guarded=yes', RUNNER_HOOKS_DIRECTORY: hooks, RUNNER_POLICY_FILE: policy },
  });
  const script = (run: string) => ({ type: 'script', run, shell: 'sh' }) as const;
  const module = await tree.module('guarded', {
    ...settingsOf('guarded', NETWORK),
    labels: { guarded: 'yes' },
    approval: { when: 'never', expiresAfterSeconds: 3600 },
    variables: { cidr: literal('10.0.0.0/8'), token: literal('t') },
    hooks: { 'before:init': script(`${hook} `) },
  });
  const refused = await tree.in('failed', (await tree.start(module, { operation: 'plan' })).id);
  expect(refused.reason).toBe('hook_not_preapproved');
  expect((await jobOf(refused)).steps.map(({ state }) => state)).not.toContain('succeeded');
  expect(fs.existsSync(ran)).toBe(false);

  await tree.change(module, { hooks: { 'before:init': script(hook) } });
  await tree.in('succeeded', (await tree.start(module, { operation: 'apply' })).id);
  expect(fs.existsSync(ran)).toBe(true);

  const destroy = await tree.in('failed', (await tree.start(module, { operation: 'destroy' })).id);
  expect(destroy).toMatchObject({ reason: 'policy_refused', plan: { destroy: 1 } });
  expect(states.resources('guarded')).toEqual(['terraform_data.network']);
}, 600_000);

test('a module that is deployed is applied again for a commit that is pushed, and for a setting that is changed', async () => {
  await installation.startRunner({ instance: 'with-git', env: { RUNNER_LABELS: 'git=yes' } });
  const { url } = repository;
  const module = await tree.module('from-git', {
    ...{ backend: states.backend('from-git'), source: { type: 'git', url }, labels: { git: 'yes' } },
    ...{ approval: { when: 'never', expiresAfterSeconds: 3600 }, variables: { name: literal('first') } },
    ...{ triggerOnSourceChanged: true, triggerOnDefinitionChanged: true },
  });
  const first = repository.push('main.tf', LINK);
  const begun = await tree.in('succeeded', (await tree.start(module, { operation: 'apply' })).id);
  expect(begun.commit).toBe(first);

  const second = repository.push('main.tf', `${LINK}output "more" { value = 1 }\n`);
  await installation.api.call('POST', '/api/v1/source-notifications', { url });
  expect(await triggered(module, 'source_changed')).toMatchObject({ operation: 'apply', commit: second });

  await tree.change(module, { variables: { name: literal('second') } });
  expect(await triggered(module, 'definition_changed')).toMatchObject({ operation: 'apply', commit: second });
  expect((await outputsOf(module)).outputs).toMatchObject({
    link: { value: 'second on the ground' },
    more: { value: 1 },
  });
}, 600_000);

/** The run that a trigger began, once it has succeeded. */
async function triggered(moduleId: string, trigger: ModuleRun['trigger']): Promise<ModuleRun> {
  const find = async (): Promise<ModuleRun | undefined> =>
    (await tree.runs(moduleId)).find((run) => run.trigger === trigger);
  const { id } = await eventually(`a run of ${trigger}`, find, 180_000);
  return tree.in('succeeded', id);
}

/** A run that carries out its plan, and is held up there. */
async function inTheMiddle(name: string): Promise<{ module: string; run: ModuleRun }> {
  const started = `${installation.folder}/${name}-started`;
  const module = await tree.module(name, {
    ...settingsOf(name, LONG),
    approval: { when: 'never', expiresAfterSeconds: 3600 },
    variables: { started: literal(started) },
  });
  const run = await tree.start(module, { operation: 'apply' });
  await tree.in('applying', run.id);
  await eventually(`${name} in the middle`, () => fs.existsSync(started) || undefined, 180_000);
  expect(states.isLocked(name)).toBe(true);
  return { module, run };
}

/** All that somebody who looks at the modules can ask for. */
async function readings(moduleIds: readonly string[]): Promise<(readonly [string, string])[]> {
  const { api } = installation;
  const runs = (await Promise.all(moduleIds.map((id) => tree.runs(id)))).flat();
  const jobs = (await api.jobs()).map((id) => `jobs/${id}`);
  const paths = [
    ...moduleIds.flatMap((id) => [`modules/${id}`, `modules/${id}/effective`, `modules/${id}/outputs`]),
    ...runs.map(({ id }) => `module-runs/${id}`),
    ...jobs.flatMap((job) => [job, `${job}/logs?format=ndjson`]),
  ];
  return Promise.all(
    paths.map(async (path) => [path, await (await api.send('GET', `/api/v1/${path}`)).text()] as const),
  );
}
