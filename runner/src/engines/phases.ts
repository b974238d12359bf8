import type { EngineOutput, EnginePhase, PlanSummary } from '@dibs/shared';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileRefused, MAX_PLAN_BYTES, type AttemptFiles } from './attempt-files.js';
import { EngineRefusal, type Engine, type EngineContext } from './engine.js';
import { textsOf } from './engine-outputs.js';

export interface PhaseContext extends EngineContext {
  readonly engine: Engine;
  readonly files: Pick<AttemptFiles, 'putPlan' | 'putOutputs' | 'getPlan'>;
  /** From now on the value is hidden in the log. */
  readonly hide: (value: string) => void;
  /** What the policy of this runner has against the plan; null: nothing. Absent: there is no policy. */
  readonly checkPlan?: (plan: PlanSummary) => Promise<string | null>;
  readonly found: { plan: PlanSummary | null };
  /** Comes when the step must stop. */
  readonly signal: AbortSignal;
}

/** What each step of a module's job does. */
export const PHASES: Readonly<Record<EnginePhase, (context: PhaseContext) => Promise<void>>> = {
  init: (context) => context.engine.init(context),
  validate: (context) => context.engine.validate(context),
  plan: makePlan,
  apply: applyPlan,
  outputs: tellOutputs,
  unlock: (context) => context.engine.unlock(context),
};

async function makePlan(context: PhaseContext): Promise<void> {
  const { engine, files, found, say, signal } = context;
  const file = planFile(context);
  await engine.plan(context, file);
  const counts = await engine.count(context, file);
  if (statSync(file).size > MAX_PLAN_BYTES) {
    throw new EngineRefusal('results_not_stored', `The plan is larger than ${MAX_PLAN_BYTES / 2 ** 20} MiB.`);
  }
  const bytes = readFileSync(file);
  const sha256 = sha256Of(bytes);
  const stored = await orRefused(
    'results_not_stored',
    'The plan could not be handed over',
    files.putPlan(bytes, signal),
  );
  if (stored !== sha256) {
    throw new EngineRefusal(
      'results_not_stored',
      `The server has stored another plan (${stored} instead of ${sha256}).`,
    );
  }
  found.plan = { ...counts, sha256 };
  say(`The plan adds ${counts.add}, changes ${counts.change} and destroys ${counts.destroy}. SHA-256: ${sha256}`);
}

async function applyPlan(context: PhaseContext): Promise<void> {
  const { engine, spec, files, say, signal, checkPlan } = context;
  const { plan } = spec;
  if (plan === null) throw new EngineRefusal('plan_unavailable', 'This job was given no plan to carry out.');
  const bytes = await orRefused('plan_unavailable', 'The plan could not be fetched', files.getPlan(signal));
  const sha256 = sha256Of(bytes);
  if (sha256 !== plan.sha256) {
    const problem = `What was fetched is not the plan of job ${plan.jobId}: its SHA-256 is ${sha256} and not ${plan.sha256}.`;
    throw new EngineRefusal('plan_unavailable', problem);
  }
  const file = planFile(context);
  writeFileSync(file, bytes, { mode: 0o600 });
  if (checkPlan) {
    const problem = await checkPlan({ ...(await engine.count(context, file)), sha256 });
    if (problem !== null) throw new EngineRefusal('policy_refused', problem);
  }
  say(`This is the plan of job ${plan.jobId}. SHA-256: ${sha256}`);
  await engine.apply(context, file);
}

async function tellOutputs(context: PhaseContext): Promise<void> {
  const { engine, files, say, signal } = context;
  const outputs = await engine.outputs(context);
  hideSensitive(outputs, context.hide);
  const stored = files.putOutputs(outputs, signal);
  const { version, changed } = await orRefused('results_not_stored', 'The outputs could not be handed over', stored);
  const count = Object.keys(outputs).length;
  say(`${count === 1 ? '1 output' : `${count} outputs`}, ${changed ? 'new' : 'unchanged'}: version ${version}.`);
}

function hideSensitive(outputs: Readonly<Record<string, EngineOutput>>, hide: (value: string) => void): void {
  for (const { value, sensitive } of Object.values(outputs)) if (sensitive) textsOf(value).forEach(hide);
}

async function orRefused<Value>(
  reason: 'plan_unavailable' | 'results_not_stored',
  what: string,
  value: Promise<Value>,
): Promise<Value> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof FileRefused) throw new EngineRefusal(reason, `${what}: ${error.message}.`, { cause: error });
    throw error;
  }
}

/** In the folder that only the runner uses, so that no step of the workspace finds another plan in its place. */
function planFile({ workspace }: PhaseContext): string {
  return join(workspace.privateDir, 'plan.bin');
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
