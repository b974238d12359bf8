import type { EngineSpec, ModuleStep } from './engine-spec.js';
import type { JobReason } from './job-reason.js';

/** What a caller submits. It never changes after submit; defaults are filled in by the server. */
export interface JobSpec {
  readonly name: string;
  readonly steps: readonly StepSpec[];
  readonly env: Readonly<Record<string, string>>;
  readonly source: SourceSpec | null;
  readonly files: readonly FileSpec[];
  readonly executor: ExecutorSpec;
  readonly requires: RequirementsSpec;
  /** Name of the runner record the job is pinned to. */
  readonly runner: string | null;
  /** Name of the instance the job is pinned to. */
  readonly instance: string | null;
  /** Higher goes first, -1000 to 1000; each point is worth a head start of some minutes, so that nothing starves. */
  readonly priority: number;
  /** How many slots of an instance the job takes up; 1 to 64. */
  readonly slots: number;
  readonly timeoutSeconds: number;
  readonly queueTimeoutSeconds: number;
  readonly onLost: OnLost;
  /** How many attempts the loss of runners may cost, the first included. */
  readonly maxAttempts: number;
  /** null: a job that failed by itself is not tried again. */
  readonly retry: RetrySpec | null;
  /** null: it may run beside any other job. */
  readonly concurrency: ConcurrencySpec | null;
  /** null: one job, not one for each matching instance. */
  readonly fanOut: FanOutSpec | null;
  /** What the job deploys; null: nothing that the hierarchy knows. Decides which assignments of runners count. */
  readonly scope: JobScope | null;
  /** Of jobs that modules make; absent: the steps are scripts and nothing else. */
  readonly engine?: EngineSpec;
}

export const ON_LOST = ['requeue', 'fail', 'wait'] as const;
/**
 * What follows when the runner of an attempt is lost. `requeue`: at least once, at most `maxAttempts` starts, anywhere.
 * `fail`: at most one start. `wait`: like `requeue`, but only the same instance may take it again, because what the
 * job left there (state, caches) matters.
 */
export type OnLost = (typeof ON_LOST)[number];

/** Tries a job again that failed by itself, as a new attempt of the same job after a pause that doubles each time. */
export interface RetrySpec {
  /** How many attempts in all, the first included; losses of runners do not count. */
  readonly maxAttempts: number;
  /** Exit codes of steps worth another try. With no reasons either: every failure of a step. */
  readonly onExitCodes: readonly number[];
  /** Reasons worth another try beside the exit codes, `step_timeout` or `source_failed` say. */
  readonly onReasons: readonly JobReason[];
  /** Pause before the second attempt; doubled before each further one, at most an hour. */
  readonly backoffSeconds: number;
}

/** At most `limit` jobs of the organization with the same key are queued or run at a time, in the order of submit. */
export interface ConcurrencySpec {
  readonly key: string;
  readonly limit: number;
  readonly supersede: Supersede;
}

export const SUPERSEDE = ['none', 'waiting', 'all'] as const;
/** What a new job of a group does to older ones: nothing, cancel those that wait, or those that run as well. */
export type Supersede = (typeof SUPERSEDE)[number];

/** One child job on each matching instance, some at a time. */
export interface FanOutSpec {
  /** Children that may be unfinished at a time; null: all at once. */
  readonly batchSize: number | null;
  /** What happens for instances that are known but offline now. */
  readonly offline: 'skip' | 'wait';
}

/** Ids of the hierarchy, outermost first; an inner one implies the outer ones. */
export interface JobScope {
  readonly stackId: string;
  readonly namespaceId: string | null;
  readonly moduleId: string | null;
}

export interface StepSpec {
  readonly name: string;
  readonly run: string;
  readonly shell: StepShell;
  /** null: only the job's timeout limits the step. */
  readonly timeoutSeconds: number | null;
  /** What a module put there; absent: a script of the job's own. Of an engine's step `run` only says what is done. */
  readonly part?: ModuleStep;
}

export const STEP_SHELLS = ['bash', 'sh'] as const;
/** `bash` runs with `-eo pipefail`, `sh` with `-e`. */
export type StepShell = (typeof STEP_SHELLS)[number];

/** Where what a job works on comes from. */
export type SourceSpec = GitSourceSpec | ArchiveSourceSpec;

export const SOURCE_TYPES = ['git', 'archive'] as const satisfies readonly SourceSpec['type'][];

export interface GitSourceSpec {
  readonly type: 'git';
  readonly url: string;
  /** Branch, tag or commit; null: the remote's default branch. */
  readonly revision: string | null;
  /** Range of semantic versions as npm writes them, instead of a revision: the newest tag in it. */
  readonly versions?: string | null;
  /** Folder inside the repository in which the steps run. */
  readonly path: string | null;
  /** Commits of history to fetch; null: the runner's setting. */
  readonly depth: number | null;
}

/** An archive that was uploaded to the server before. */
export interface ArchiveSourceSpec {
  readonly type: 'archive';
  /** Of its bytes as they were uploaded, 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** Folder inside the archive in which the steps run. */
  readonly path: string | null;
}

/** A source as callers name it. */
export type SourceBody =
  | (Pick<GitSourceSpec, 'type' | 'url'> & Partial<GitSourceSpec>)
  | (Pick<ArchiveSourceSpec, 'type' | 'sha256'> & Partial<ArchiveSourceSpec>);

export interface FileSpec {
  /** Relative to the workspace; no way out of it. */
  readonly path: string;
  readonly content: string;
}

export const EXECUTORS = ['shell', 'noop'] as const;
/** `noop` runs nothing: every step succeeds at once. For drills, for measuring, and as a joint between other jobs. */
export type ExecutorType = (typeof EXECUTORS)[number];

export interface ExecutorSpec {
  readonly type: ExecutorType;
}

export interface RequirementsSpec {
  /** Tools that must be on the runner's PATH: a name, or a name with a range of versions (`terraform@>=1.5 <2`). */
  readonly tools: readonly string[];
  /** Labels that must be present with exactly these values. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels that count in favour of an instance without being demanded. */
  readonly prefers: Readonly<Record<string, string>>;
}
