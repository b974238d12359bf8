import type { EngineSpec } from '@dibs/shared';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flagsOf, operand, type Engine, type EngineContext } from './engine.js';
import { parseOutputs } from './engine-outputs.js';
import { countTerraformPlan } from './plan-counts.js';
import { lockInTerraform } from './state-lock.js';
import { checkStateStays } from './state-location.js';

/** terraform and tofu: as they are called here they are alike. */
export const terraform: Engine = {
  environment: () => ({ TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' }),
  init,
  validate: ({ spec, calls }) => calls.run(['validate', ...flagsOf(spec, 'validate')]),
  plan: ({ spec, calls }, file) =>
    calls.run(
      ['plan', ...flagsOf(spec, 'plan'), '-input=false', `-out=${file}`, ...(spec.destroys ? ['-destroy'] : [])],
      { locks: true },
    ),
  count: async ({ calls }, file) => countTerraformPlan(await calls.read(['show', '-json', file])),
  apply: ({ spec, calls }, file) =>
    calls.run(['apply', ...flagsOf(spec, 'apply'), '-input=false', file], { locks: true }),
  outputs: async ({ spec, calls }) => parseOutputs(await calls.read(['output', ...flagsOf(spec, 'outputs'), '-json'])),
  unlock: ({ spec, calls }) =>
    calls.run(['force-unlock', ...flagsOf(spec, 'unlock'), '-force', operand('a lock', spec.lockId ?? '')]),
  lockIn: lockInTerraform,
};

async function init(context: EngineContext): Promise<void> {
  const { spec, calls, workspace } = context;
  const backend = writeBackend(spec, workspace.privateDir);
  const backendArgs = backend === null ? [] : [`-backend-config=${backend}`];
  await calls.run(['init', ...flagsOf(spec, 'init'), '-input=false', ...backendArgs]);
  if (spec.workspace !== null) {
    await calls.run(['workspace', 'select', '-or-create', operand('a workspace', spec.workspace)]);
  }
  checkStateStays(context);
}

/** A file, because settings of backends are often secrets, and everybody on the host sees arguments. */
function writeBackend({ backend }: EngineSpec, folder: string): string | null {
  if (Object.keys(backend).length === 0) return null;
  const file = join(folder, 'backend.tfbackend.json');
  writeFileSync(file, JSON.stringify(backend), { mode: 0o600 });
  return file;
}
