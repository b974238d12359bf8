import type { JobScope } from '../job/job-spec.js';
import type { RunOperation, RunState } from './module-runs.js';

export const SCOPE_RUN_OPERATIONS = ['plan', 'apply', 'destroy'] as const satisfies readonly RunOperation[];
export type ScopeRunOperation = (typeof SCOPE_RUN_OPERATIONS)[number];

export const ON_MODULE_FAILURE = ['stop', 'continue'] as const;
/**
 * What a module that fails does to the others. `stop`: nothing more begins, what runs ends. `continue`: only the
 * modules that depend on it are skipped.
 */
export type OnModuleFailure = (typeof ON_MODULE_FAILURE)[number];

export const SCOPE_RUN_STATES = ['running', 'succeeded', 'failed', 'canceled'] as const;
export type ScopeRunState = (typeof SCOPE_RUN_STATES)[number];

export const SCOPE_RUN_MODULE_STATES = ['waiting', 'running', 'succeeded', 'failed', 'skipped', 'canceled'] as const;
/** `waiting`: for modules before it. `skipped`: something before it failed, or the run was stopped. */
export type ScopeRunModuleState = (typeof SCOPE_RUN_MODULE_STATES)[number];

/** One pass of an operation over all modules of a stack or namespace, in the order of their dependencies. */
export interface ScopeRun {
  readonly id: string;
  /** Of the stack or namespace. */
  readonly scope: JobScope;
  readonly path: string;
  readonly operation: ScopeRunOperation;
  readonly onFailure: OnModuleFailure;
  readonly state: ScopeRunState;
  readonly counts: Readonly<Record<ScopeRunModuleState, number>>;
  /** null: nobody has asked for it. */
  readonly cancelRequestedAt: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly endedAt: string | null;
}

/** `GET /api/v1/scope-runs/{id}` */
export interface ScopeRunView extends ScopeRun {
  readonly modules: readonly ScopeRunModule[];
  readonly dependencies: readonly ModuleDependency[];
}

export interface ScopeRunModule {
  readonly moduleId: string;
  readonly path: string;
  readonly state: ScopeRunModuleState;
  /** The run of the module; null: none has begun. */
  readonly runId: string | null;
  /** Of that run: `awaiting_approval` is what holds the others up. */
  readonly runState: RunState | null;
  /** Why no run could begin, or which module before it failed; null: nothing of that kind. */
  readonly note: string | null;
}

/** `to` takes outputs of `from`: it is applied after it, and destroyed before it. */
export interface ModuleDependency {
  readonly from: string;
  readonly to: string;
  readonly outputs: readonly string[];
}

/** `GET /api/v1/stacks/{id}/graph`, `GET /api/v1/namespaces/{id}/graph` */
export interface ModuleGraph {
  readonly modules: readonly ModuleGraphNode[];
  readonly dependencies: readonly ModuleDependency[];
  /** Ids of modules that take each other's outputs in a circle: none of them has a place in the order. */
  readonly circles: readonly (readonly string[])[];
}

export interface ModuleGraphNode {
  readonly moduleId: string;
  readonly path: string;
  /** false: it is elsewhere, and in the picture because a module here takes its outputs. */
  readonly isInside: boolean;
}

/** `POST /api/v1/stacks/{id}/runs`, `POST /api/v1/namespaces/{id}/runs` */
export interface StartScopeRunBody {
  operation: ScopeRunOperation;
  /** `stop` where it is not said. */
  onFailure?: OnModuleFailure;
}
