import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineSpec } from '@dibs/shared';
import { engineJob } from './support/engine-job.js';
import { eventually } from './support/eventually.js';
import { FakeServer, type FakeJob } from './support/fake-server.js';
import { RunnerProcesses } from './support/runner-process.js';
import { StateServer } from './support/state-server.js';

const hasTerraform = spawnSync('terraform', ['version']).status === 0;
if (!hasTerraform) console.warn('skipped: there is no terraform on this machine');

/** Built into terraform: no provider is downloaded. */
const CONFIGURATION = `
terraform {
  backend "local" {}
}
variable "word" { sensitive = true }
resource "terraform_data" "first" { input = var.word }
output "open" { value = "plain" }
output "hidden" {
  value     = terraform_data.first.output
  sensitive = true
}
`;
const slow = (ledger: string): string => `
terraform {
  backend "http" {}
}
resource "terraform_data" "first" { input = "written before the cancel" }
resource "terraform_data" "second" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" { command = "echo begun > '${ledger}'; sleep 600" }
}
`;

(hasTerraform ? describe : describe.skip)('the real terraform', () => {
  const runners = new RunnerProcesses();
  const states = new StateServer();
  let server: FakeServer;
  beforeEach(async () => {
    server = await FakeServer.start();
    // a busy machine must not cost an attempt its lease
    server.timing = { ...server.timing, leaseMs: 300_000, trustMs: 200_000 };
    await runners.start(server.url);
  });
  afterEach(async () => {
    await runners.end();
    await server.stop();
    states.close();
  });

  function run(content: string, engine: Partial<EngineSpec> & Pick<EngineSpec, 'command'>): Promise<FakeJob> {
    const files = [{ path: 'main.tf', content }];
    return server.run({ ...engineJob({ name: 'terraform', ...engine }), files }, { TF_VAR_word: 'planted-word' });
  }

  /** Plans, and has the server keep the plan. */
  async function plan(content: string, backend: EngineSpec['backend']) {
    const job = await run(content, { command: 'plan', backend });
    const result = await server.finished(job);
    const bytes = server.files.to('plan').at(-1)?.body ?? Buffer.alloc(0);
    server.files.plan = bytes;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { result, plan: { jobId: job.jobId, sha256 } };
  }

  test('a plan is carried out by another job, in another workspace, and its outputs are told', async () => {
    const backend = { path: join(runners.folder(), 'terraform.tfstate') };
    const { result, plan: made } = await plan(CONFIGURATION, backend);
    const stateLock = { state: 'released' };
    expect(result).toMatchObject({
      outcome: 'succeeded',
      engine: { plan: { add: 1, change: 0, destroy: 0, hasChanges: true, sha256: made.sha256 }, stateLock },
    });
    const applied = await run(CONFIGURATION, { command: 'apply', backend, plan: made });
    expect(await server.finished(applied)).toMatchObject({ outcome: 'succeeded', engine: { plan: null, stateLock } });
    expect(JSON.parse(readFileSync(backend.path, 'utf8'))).toMatchObject({ resources: [{ name: 'first' }] });
    expect(JSON.parse(server.files.to('outputs')[0]?.body.toString() ?? '')).toEqual({
      open: { value: 'plain', sensitive: false },
      hidden: { value: 'planted-word', sensitive: true },
    });
    expect(server.textOf(applied).join('\n')).toContain('Apply complete!');
    expect(JSON.stringify(applied.lines)).not.toContain('planted-word');
    const again = await plan(CONFIGURATION, backend);
    expect(again.result.engine?.plan).toMatchObject({ add: 0, change: 0, destroy: 0, hasChanges: false });
  });

  test('a cancel in the middle leaves the state written and the lock given back; a held lock is told and taken away', async () => {
    const ledger = join(runners.folder(), 'ledger');
    const backend = await states.listen();
    const { plan: made } = await plan(slow(ledger), backend);
    const job = await run(slow(ledger), { command: 'apply', backend, plan: made });
    await eventually('the second resource', () => existsSync(ledger));
    const { jobId, attempt } = job;
    job.cancel = { jobId, attempt, mode: 'graceful' };
    server.emit('job:cancel', job.cancel);
    expect(await server.finished(job)).toMatchObject({
      ...{ outcome: 'canceled', reason: 'canceled', exitCode: 1 },
      engine: { stateLock: { state: 'released' } },
    });
    expect(states.lock).toBeNull();
    expect(states.state).toContain('written before the cancel');

    states.lock = JSON.stringify({ ID: 'left-by-a-kill', Who: 'ann@box' });
    const { result: refused } = await plan(slow(ledger), backend);
    expect(refused).toMatchObject({
      ...{ outcome: 'failed', reason: 'step_failed' },
      engine: { plan: null, stateLock: { state: 'held', id: 'left-by-a-kill', who: null } },
    });
    const unlock = await run(slow(ledger), { command: 'unlock', backend, lockId: 'left-by-a-kill' });
    expect(await server.finished(unlock)).toMatchObject({
      outcome: 'succeeded',
      engine: { stateLock: { state: 'released' } },
    });
    expect(states.lock).toBeNull();
  });
});
