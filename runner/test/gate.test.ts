import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { JobId, StepSpec } from '@dibs/shared';
import { engineJob } from './support/engine-job.js';
import { FakeEngines } from './support/fake-engines.js';
import { FakeServer, step, type FakeJob } from './support/fake-server.js';
import { RunnerProcesses } from './support/runner-process.js';

const runners = new RunnerProcesses();
let server: FakeServer;
beforeEach(async () => {
  server = await FakeServer.start();
  // a busy machine must not cost an attempt its lease
  server.timing = { ...server.timing, leaseMs: 300_000, trustMs: 200_000 };
});
afterEach(async () => {
  await runners.end();
  await server.stop();
});

const hook = (run: string): StepSpec => ({
  ...step(run),
  name: 'before:plan',
  part: { type: 'hook', at: 'before:plan' },
});

async function ended(job: FakeJob) {
  const { outcome, reason } = await server.finished(job);
  return { outcome, reason, steps: job.finishedSteps.map(({ state }) => state), said: server.textOf(job, 's') };
}

test('hooks are run only when their bytes are approved, and are judged before anything of the job is run', async () => {
  const workDir = runners.folder();
  const folder = join(workDir, 'approved');
  const trace = join(workDir, 'trace');
  const swapped = `echo two >>${trace}`;
  const swapping = `echo one >>${trace}\nprintf 'echo evil' >${folder}/b`;
  mkdirSync(folder);
  writeFileSync(join(folder, 'a'), swapping);
  writeFileSync(join(folder, 'b'), swapped);
  const runner = await runners.start(server.url, { RUNNER_HOOKS_DIRECTORY: folder }, workDir);
  await runner.says('jobs run as the same user, and can change what is allowed');

  // the last hook is refused, so not even the first step, a plain one, is run
  const unknown = await ended(
    await server.run({ steps: [step(`touch ${trace}`), hook(swapped), hook(`${swapped} `)] }),
  );
  expect(unknown).toMatchObject({ outcome: 'failed', reason: 'hook_not_preapproved' });
  expect(unknown.steps).toEqual(['failed', 'skipped', 'skipped']);
  const sha256 = createHash('sha256').update(`${swapped} `).digest('hex');
  expect(unknown.said[0]).toContain(`The hook before:plan with the SHA-256 ${sha256} is not run`);
  expect(existsSync(trace)).toBe(false);

  // a variable that would make the shell run something else
  const steered = await ended(await server.run({ steps: [hook(swapped)], env: { BASH_ENV: '/dev/null' } }));
  expect(steered).toMatchObject({
    reason: 'hook_not_preapproved',
    said: [expect.stringContaining('"BASH_ENV"'), expect.anything()],
  });

  // both are approved when the job begins, but the first takes the approval of the second away
  const late = await ended(await server.run({ steps: [hook(swapping), hook(swapped), step('true')] }));
  expect(late).toMatchObject({ outcome: 'failed', reason: 'hook_not_preapproved' });
  expect(late.steps).toEqual(['succeeded', 'failed', 'skipped']);

  writeFileSync(join(folder, 'b'), swapped);
  const fine = await server.run({ steps: [hook(swapped), step(`cat ${trace}`)] });
  expect(await ended(fine)).toMatchObject({ outcome: 'succeeded', steps: ['succeeded', 'succeeded'] });
  expect(server.textOf(fine)).toEqual(['one', 'two']);

  rmSync(folder, { recursive: true });
  const blind = await ended(await server.run({ steps: [hook(swapped)] }));
  expect(blind).toMatchObject({
    reason: 'hook_not_preapproved',
    said: [expect.stringContaining('ENOENT'), expect.anything()],
  });
  // no hook, nothing to approve
  expect(await ended(await server.run({ steps: [step('true')] }))).toMatchObject({ outcome: 'succeeded' });
});

test('a policy counts for the next job after it was changed, and without one that can be read nothing is run', async () => {
  const workDir = runners.folder();
  const policy = join(workDir, 'policy.json');
  const fetched = { type: 'git', url: 'https://127.0.0.1:1/x', revision: null, path: null, depth: null } as const;
  const runner = await runners.start(server.url, { RUNNER_POLICY_FILE: policy }, workDir);
  await runner.says('the policy file is no policy: every job is refused');
  const refusal = async (spec: Parameters<FakeServer['addJob']>[0] = { steps: [step('true')] }): Promise<string> => {
    const { outcome, reason, said } = await ended(await server.run(spec));
    expect([outcome, reason]).toEqual(['failed', 'policy_refused']);
    return said[0] ?? '';
  };

  expect(await refusal()).toContain('the file cannot be read (ENOENT)');
  writeFileSync(policy, '{"scripts": false}');
  expect(await refusal()).toContain('scripts: the step');
  writeFileSync(policy, '{"scripts": true, "sources": {"git": ["https://git.example/**"]}}');
  expect(await refusal({ steps: [step('true')], source: fetched })).toContain('sources.git');
  const fine = await server.run({ steps: [step('echo allowed')] });
  expect(await ended(fine)).toMatchObject({ outcome: 'succeeded' });
  expect(server.textOf(fine)).toEqual(['allowed']);
  writeFileSync(policy, '{"scripts": true');
  expect(await refusal()).toContain('the file is not JSON');
});

test('a plan that destroys more than the policy allows is not applied, nor what else it says no to', async () => {
  const workDir = runners.folder();
  const policy = join(workDir, 'policy.json');
  const engines = new FakeEngines(runners.folder());
  const deletions = Array.from({ length: 3 }, () => ({ change: { actions: ['delete'] } }));
  engines.answer([
    { on: 'show', stdout: JSON.stringify({ resource_changes: deletions }) },
    { on: 'output', stdout: '{}' },
  ]);
  const env = { RUNNER_POLICY_FILE: policy, Engine__AdditionalBinaryPaths: engines.binaries };
  const rules = { scripts: false, engines: { terraform: '*' }, commands: ['apply'], maximumDestroys: 2 };
  writeFileSync(policy, JSON.stringify(rules));
  await runners.start(server.url, env, workDir);
  server.files.plan = Buffer.from('bytes of the plan');
  const plan = { jobId: randomUUID() as JobId, sha256: createHash('sha256').update('bytes of the plan').digest('hex') };
  // as `init` leaves it behind: the state is elsewhere
  const files = [{ path: '.terraform/terraform.tfstate', content: '{"backend":{"type":"http"}}' }];
  const apply = { ...engineJob({ name: 'terraform', command: 'apply', plan }), files };
  const called = () => engines.calls.map(({ name, args }) => `${name} ${args[0]}`);

  const forbidden = await ended(await server.run(engineJob({ name: 'tofu', command: 'apply', plan })));
  expect(forbidden).toMatchObject({ reason: 'policy_refused', steps: ['failed', 'skipped', 'skipped'] });
  expect([forbidden.said[0], called()]).toEqual([expect.stringContaining('engines: tofu is not listed'), []]);

  const tooMuch = await ended(await server.run(apply));
  expect(tooMuch).toMatchObject({
    outcome: 'failed',
    reason: 'policy_refused',
    steps: ['succeeded', 'failed', 'skipped'],
  });
  expect(tooMuch.said.join()).toContain('maximumDestroys: the plan destroys 3, and 2 are allowed');
  expect(called()).toEqual(['terraform init', 'terraform show']);

  writeFileSync(policy, JSON.stringify({ ...rules, maximumDestroys: 3 }));
  expect(await ended(await server.run(apply))).toMatchObject({ outcome: 'succeeded' });
  expect(called().slice(2)).toEqual(['terraform init', 'terraform show', 'terraform apply', 'terraform output']);
});
