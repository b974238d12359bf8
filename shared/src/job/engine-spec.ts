import type { JobId } from '../ids.js';
import type { JobReason } from './job-reason.js';

export const ENGINES = ['terraform', 'tofu', 'pulumi'] as const;
export type EngineName = (typeof ENGINES)[number];

export const ENGINE_COMMANDS = ['validate', 'plan', 'apply', 'outputs', 'unlock'] as const;
/**
 * What one job has its engine do. `plan` makes a plan and hands it to the server; `apply` carries out exactly that plan;
 * `outputs` reads the outputs again; `unlock` takes a lock away that a killed engine left.
 */
export type EngineCommand = (typeof ENGINE_COMMANDS)[number];

export const ENGINE_PHASES = ['init', 'validate', 'plan', 'apply', 'outputs', 'unlock'] as const;
/** One call of the engine, shown as a step of the job. */
export type EnginePhase = (typeof ENGINE_PHASES)[number];

/** The steps of a command, in order. */
export const PHASES_OF_COMMAND: Readonly<Record<EngineCommand, readonly EnginePhase[]>> = {
  validate: ['init', 'validate'],
  plan: ['init', 'plan'],
  apply: ['init', 'apply', 'outputs'],
  outputs: ['init', 'outputs'],
  unlock: ['init', 'unlock'],
};

/** What the engine of a module's job is told. Variables and their secrets travel as `env` and `secrets` of the job. */
export interface EngineSpec {
  readonly name: EngineName;
  /** Range of versions as npm writes them; null: any. */
  readonly version: string | null;
  readonly command: EngineCommand;
  /** The plan takes everything away. */
  readonly destroys: boolean;
  /** Of `plan` alone: it is to be carried out, not only looked at. Absent: it is not known. */
  readonly willBeApplied?: boolean;
  /** Names of the variables; each is in `env` or `secrets` under `engineVariable(name, variable)`. */
  readonly variables: readonly string[];
  /** Settings of the backend that the source leaves open, for `init`; for pulumi `url` alone. */
  readonly backend: Readonly<Record<string, string>>;
  /** More arguments for some calls, `-parallelism=4` say. */
  readonly flags: EngineFlags;
  /** Stack of pulumi, workspace of the others; null: the default one. */
  readonly workspace: string | null;
  /** Of `apply` alone: the plan to carry out. */
  readonly plan: PlanReference | null;
  /** Of `unlock` alone: the lock to take away. */
  readonly lockId: string | null;
}

export type EngineFlags = Readonly<Partial<Record<EnginePhase, readonly string[]>>>;

export interface PlanReference {
  /** The job that made it. */
  readonly jobId: JobId;
  /** Of the plan's bytes, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** The name under which a variable of the engine is in the job's environment. */
export function engineVariable(engine: EngineName, variable: string): string {
  return engine === 'pulumi' ? `DIBS_PULUMI_CONFIG_${variable}` : `TF_VAR_${variable}`;
}

export const HOOK_POINTS = [
  'before:init',
  'after:init',
  'before:validate',
  'after:validate',
  'before:plan',
  'after:plan',
  'before:apply',
  'after:apply',
  'before:outputs',
  'after:outputs',
] as const satisfies readonly `${'before' | 'after'}:${EnginePhase}`[];
export type HookPoint = (typeof HOOK_POINTS)[number];

/** What a step of a module's job is, other than a script that the caller wrote. */
export type ModuleStep =
  { readonly type: 'engine'; readonly phase: EnginePhase } | { readonly type: 'hook'; readonly at: HookPoint };

/** What the job of a module found out, sent with its result. */
export interface EngineResult {
  /** Of `plan` alone, when it came about. */
  readonly plan: PlanSummary | null;
  /** What became of the lock of the state, as far as the engine told; null: it told nothing. */
  readonly stateLock: StateLock | null;
}

/** Counted from the plan as the engine writes it for machines. */
export interface PlanSummary {
  readonly add: number;
  readonly change: number;
  /** Replaced ones count here and in `add`. */
  readonly destroy: number;
  /** Also when nothing but outputs would change. */
  readonly hasChanges: boolean;
  /** Of the plan's bytes as they were handed to the server. */
  readonly sha256: string;
}

/** `held`: the engine ended without giving the lock of the state back, or found one of somebody else. */
export type StateLock =
  { readonly state: 'released' } | { readonly state: 'held'; readonly id: string; readonly who: string | null };

/** One output of a module as the engine tells it. */
export interface EngineOutput {
  /** Any JSON. */
  readonly value: unknown;
  readonly sensitive: boolean;
}

/** Reasons that only jobs of modules have. */
export const ENGINE_REASONS = [
  'hook_not_preapproved',
  'policy_refused',
  'plan_unavailable',
  'results_not_stored',
] as const satisfies readonly JobReason[];
