import type { EngineOutput } from '@dibs/shared';
import { readFileSync, writeFileSync } from 'node:fs';
import { flagsOf, operand, EngineRefusal, type Engine, type EngineContext, type PlanCounts } from './engine.js';
import { joinOutputs } from './engine-outputs.js';
import { countPulumiOperations, parsePlan } from './plan-counts.js';
import { configFile, writeConfig } from './pulumi-config.js';
import { lockInPulumi } from './state-lock.js';

/**
 * pulumi. It can only make plans of updates; what a destroy would do is previewed instead, kept as the plan, and compared
 * with a new preview right before the destroy.
 */
export const pulumi: Engine = {
  environment: ({ backend }) => ({
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    ...(backend.url === undefined ? {} : { PULUMI_BACKEND_URL: backend.url }),
  }),
  init,
  validate: (context) =>
    context.calls.run(['preview', ...flagsOf(context.spec, 'validate'), ...onStack(context), ...withConfig(context)]),
  plan,
  count: ({ spec }, file) => Promise.resolve(spec.destroys ? countPreview(file) : countPlan(file)),
  apply,
  outputs,
  unlock: (context) => context.calls.run(['cancel', ...flagsOf(context.spec, 'unlock'), '--yes', ...onStack(context)]),
  lockIn: lockInPulumi,
};

async function init(context: EngineContext): Promise<void> {
  const { spec, calls } = context;
  const flags = flagsOf(spec, 'init');
  await calls.run(['stack', 'select', ...flags, '--create', ...onStack(context)]);
  for (const { key, file } of writeConfig(context, stackOf(context))) {
    await calls.run(['config', 'set', '--secret', ...onStack(context), ...withConfig(context), key], { stdin: file });
  }
}

async function plan(context: EngineContext, file: string): Promise<void> {
  const { spec, calls, say } = context;
  if (spec.destroys) {
    const operations = await previewDestroy(context);
    for (const operation of operations) say(operation);
    return writeFileSync(file, JSON.stringify(operations), { mode: 0o600 });
  }
  const args = ['preview', ...flagsOf(spec, 'plan'), '--save-plan', file, ...onStack(context), ...withConfig(context)];
  await calls.run(args, { locks: true });
}

async function apply(context: EngineContext, file: string): Promise<void> {
  const { spec, calls } = context;
  const how = ['--yes', '--skip-preview', ...onStack(context), ...withConfig(context)];
  if (!spec.destroys) return calls.run(['up', ...flagsOf(spec, 'apply'), '--plan', file, ...how], { locks: true });
  const now = JSON.stringify(await previewDestroy(context));
  if (now !== readFileSync(file, 'utf8')) {
    throw new EngineRefusal('plan_unavailable', 'The stack has changed since the destroy was planned. Plan it again.');
  }
  await calls.run(['destroy', ...flagsOf(spec, 'apply'), ...how], { locks: true });
}

/** One line for each resource, in an order that is always the same. */
async function previewDestroy(context: EngineContext): Promise<string[]> {
  const flags = flagsOf(context.spec, 'plan');
  const args = ['destroy', ...flags, '--preview-only', '--json', ...onStack(context), ...withConfig(context)];
  const { steps = [] } = parsePlan(await context.calls.read(args)) as { steps?: { op?: string; urn?: string }[] };
  return steps.map(({ op, urn }) => `${op} ${urn}`).sort();
}

function countPreview(file: string): PlanCounts {
  const operations = JSON.parse(readFileSync(file, 'utf8')) as string[];
  return countPulumiOperations(operations.map((operation) => operation.split(' ')[0] ?? ''));
}

interface SavedPlan {
  readonly resourcePlans?: Readonly<Record<string, { readonly steps?: readonly string[] }>>;
}

/** With a version around it, or without. */
function countPlan(file: string): PlanCounts {
  const saved = parsePlan(readFileSync(file, 'utf8')) as SavedPlan & { readonly plan?: SavedPlan };
  const { resourcePlans = {} } = saved.plan ?? saved;
  return countPulumiOperations(Object.values(resourcePlans).flatMap(({ steps }) => steps ?? []));
}

async function outputs(context: EngineContext): Promise<Record<string, EngineOutput>> {
  const args = ['stack', 'output', ...flagsOf(context.spec, 'outputs'), '--json', ...onStack(context)];
  const hidden = await context.calls.read(args);
  return joinOutputs(hidden, await context.calls.read([...args, '--show-secrets']));
}

function onStack(context: EngineContext): string[] {
  return ['--stack', stackOf(context), '--non-interactive'];
}

function stackOf({ spec }: EngineContext): string {
  return operand('a stack', spec.workspace ?? 'default');
}

function withConfig({ workspace }: EngineContext): string[] {
  return ['--config-file', configFile(workspace.privateDir)];
}
