import { PHASES_OF_COMMAND } from '@dibs/shared';
import type {
  EffectiveSettings,
  EngineChoice,
  EngineCommand,
  EngineName,
  EnginePhase,
  HookPoint,
  JobScope,
  JobSpec,
  ModuleHook,
  Placement,
  PlanReference,
  RunOperation,
  StepSpec,
} from '@dibs/shared';
import { RUN_BEGINNINGS } from './run-state-machine.js';

export type Hooks = Partial<Readonly<Record<HookPoint, ModuleHook>>>;

/** What a job of a module is made from. */
export interface ModuleJobRequest {
  /** Names from the stack on. */
  readonly path: string;
  readonly scope: JobScope & { readonly moduleId: string };
  readonly operation: RunOperation;
  /** Of `unlock` alone. */
  readonly lockId: string | null;
  readonly engine: EngineChoice;
  readonly placement: Placement;
  readonly settings: EffectiveSettings;
  readonly env: Readonly<Record<string, string>>;
}

const MAX_NAME_LENGTH = 200;

/** The first job of a run. */
export function firstJobSpec(request: ModuleJobRequest): JobSpec {
  const { scope, operation, engine, placement, settings, env } = request;
  const { command } = RUN_BEGINNINGS[operation];
  const destroys = operation === 'destroy';
  const source = settings.source.value;
  return {
    name: nameOf(command, destroys, request.path),
    steps: stepsOf(command, engine.name, destroys, hooksOf(settings)),
    env,
    source,
    files: Object.entries(settings.files).flatMap(([path, { value }]) =>
      // what a module calls its files is relative to the folder in which the engine works
      value.type === 'text'
        ? [{ path: source?.path == null ? path : `${source.path}/${path}`, content: value.content }]
        : [],
    ),
    executor: { type: 'shell' },
    requires: {
      tools: [engine.version === null ? engine.name : `${engine.name}@${engine.version}`],
      labels: settings.labels.value,
      prefers: {},
    },
    runner: placement.runner,
    instance: placement.instance,
    priority: 0,
    slots: 1,
    timeoutSeconds: settings.timeoutSeconds.value,
    queueTimeoutSeconds: settings.queueTimeoutSeconds.value,
    // a second start could change what the first one has begun to change
    onLost: 'fail',
    maxAttempts: 1,
    retry: null,
    concurrency: { key: concurrencyKeyOf(scope.moduleId, command), limit: 1, supersede: 'none' },
    fanOut: null,
    scope,
    engine: {
      name: engine.name,
      version: engine.version,
      command,
      destroys,
      ...(command === 'plan' && { willBeApplied: operation !== 'plan' }),
      variables: Object.keys(settings.variables),
      backend: settings.backend.value,
      flags: settings.flags.value,
      workspace: settings.workspace.value,
      plan: null,
      lockId: request.lockId,
    },
  };
}

/** What is to be carried out. */
export interface PlanToApply {
  readonly path: string;
  readonly plan: PlanReference;
  /** Of the configuration that was planned; null: it has none, because its source is no repository. */
  readonly commit: string | null;
  /** Those that counted when the run began. */
  readonly hooks: Hooks;
}

/** The job that carries out what another one has planned: with the same configuration, down to its commit. */
export function applyJobSpec(planned: JobSpec, { path, plan, commit, hooks }: PlanToApply): JobSpec {
  const { engine, source, scope } = planned;
  if (engine === undefined || scope === null) throw new Error('The job that planned is of no module.');
  return {
    ...planned,
    name: nameOf('apply', engine.destroys, path),
    steps: stepsOf('apply', engine.name, engine.destroys, hooks),
    source: source?.type !== 'git' || commit === null ? source : { ...source, revision: commit, versions: null },
    concurrency: { key: concurrencyKeyOf(scope.moduleId!, 'apply'), limit: 1, supersede: 'none' },
    engine: { ...engine, command: 'apply', plan },
  };
}

/** Those that count, by where they run. */
export function hooksOf({ hooks }: Pick<EffectiveSettings, 'hooks'>): Hooks {
  return Object.fromEntries(Object.entries(hooks).map(([point, { value }]) => [point, value]));
}

const KEY_PREFIX = 'module:';

/** One job at a time of those that lock the state, and one that only reads the configuration beside it. */
function concurrencyKeyOf(moduleId: string, command: EngineCommand): string {
  return command === 'validate' ? `${KEY_PREFIX}${moduleId}:validate` : `${KEY_PREFIX}${moduleId}`;
}

/** Every job of a run has such a key; a job that somebody submits with one is not of a run for that. */
export function mayBeOfRun(concurrencyKey: string | null): boolean {
  return concurrencyKey?.startsWith(KEY_PREFIX) ?? false;
}

function stepsOf(command: EngineCommand, engine: EngineName, destroys: boolean, hooks: Hooks): StepSpec[] {
  return PHASES_OF_COMMAND[command].flatMap((phase) => [
    ...hookStep(`before:${phase}`, hooks),
    {
      name: phase,
      run: wordsOf(engine, phase, destroys),
      shell: 'bash' as const,
      timeoutSeconds: null,
      part: { type: 'engine' as const, phase },
    },
    ...hookStep(`after:${phase}`, hooks),
  ]);
}

function hookStep(at: string, hooks: Hooks): StepSpec[] {
  const hook = hooks[at as HookPoint];
  if (hook?.type !== 'script') return [];
  const part = { type: 'hook' as const, at: at as HookPoint };
  return [{ name: at, run: hook.run, shell: hook.shell, timeoutSeconds: null, part }];
}

const TERRAFORM_WORDS: Readonly<Record<EnginePhase, string>> = {
  init: 'init',
  validate: 'validate',
  plan: 'plan',
  apply: 'apply',
  outputs: 'output',
  unlock: 'force-unlock',
};
const PULUMI_WORDS: Readonly<Record<EnginePhase, string>> = {
  init: 'stack select',
  validate: 'preview',
  plan: 'preview',
  apply: 'up',
  outputs: 'stack output',
  unlock: 'cancel',
};

/** What is done, for people: the runner makes the real call from the phase. */
function wordsOf(engine: EngineName, phase: EnginePhase, destroys: boolean): string {
  if (engine === 'pulumi') return `pulumi ${phase === 'apply' && destroys ? 'destroy' : PULUMI_WORDS[phase]}`;
  return `${engine} ${TERRAFORM_WORDS[phase]}${phase === 'plan' && destroys ? ' -destroy' : ''}`;
}

function nameOf(command: EngineCommand, destroys: boolean, path: string): string {
  const what = destroys ? (command === 'apply' ? 'destroy' : 'plan to destroy') : command;
  const name = `${what} ${path}`;
  return name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH - 1)}…`;
}
