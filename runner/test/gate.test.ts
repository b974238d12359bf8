import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { StepSpec } from '@dibs/shared';
import { FakeServer, step, type FakeJob } from './support/fake-server.js';
import { RunnerProcesses } from './support/runner-process.js';

const runners = new RunnerProcesses();
let server: FakeServer;
beforeEach(async () => {
  server = await FakeServer.start();
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
