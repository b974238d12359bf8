import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { Installation } from './support/installation.js';

const hasTerraform = spawnSync('terraform', ['version']).status === 0;
if (!hasTerraform) console.warn('skipped: there is no terraform on this machine');

/** Built into terraform: no provider is downloaded. */
const CONFIGURATION = `
variable "greeting" { default = "hello" }
resource "terraform_data" "first" {
  count = 40
  input = "\${var.greeting} \${count.index}"
}
output "all" { value = terraform_data.first[*].output }
`;

let installation: Installation;
afterEach(() => installation.stop());

(hasTerraform ? test : test.skip)(
  'terraform init, plan and apply run, and their output is stored complete',
  async () => {
    installation = await Installation.start();
    await installation.startRunner();
    const flags = '-no-color -input=false';
    const commands = [`init ${flags}`, `plan ${flags} -out=plan`, `apply ${flags} plan`];
    const steps = commands.map((command) => ({
      name: command.split(' ')[0]!,
      // a copy of its own is the witness of what terraform printed
      run: `terraform ${command} 2>&1 | tee -a '${installation.folder}/printed'`,
    }));
    const { id } = await installation.api.submit({
      name: 'terraform',
      files: [{ path: 'main.tf', content: CONFIGURATION }],
      requires: { tools: ['terraform'] },
      env: { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' },
      steps,
    });
    const job = await installation.api.finished(id, 120_000);
    const rows = await installation.api.log(id, 1);
    expect({ state: job.state, log: rows.map((row) => row.text) }).toMatchObject({ state: 'succeeded' });

    const printed = fs.readFileSync(`${installation.folder}/printed`, 'utf8').replace(/\n$/, '').split('\n');
    const stored = rows.filter((row) => row.stream === 'stdout');
    expect(stored.map((row) => row.text)).toEqual(printed);
    expect(new Set(stored.map((row) => row.step))).toEqual(new Set([0, 1, 2]));
    expect(printed.join('\n')).toContain('Apply complete! Resources: 40 added, 0 changed, 0 destroyed.');
    expect(job.steps.map((step) => [step.name, step.state, step.exitCode])).toEqual([
      ['init', 'succeeded', 0],
      ['plan', 'succeeded', 0],
      ['apply', 'succeeded', 0],
    ]);
  },
  180_000,
);
