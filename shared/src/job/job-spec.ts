/** What a caller submits. It never changes after submit; defaults are filled in by the server. */
export interface JobSpec {
  readonly name: string;
  readonly steps: readonly StepSpec[];
  readonly env: Readonly<Record<string, string>>;
  readonly source: GitSourceSpec | null;
  readonly files: readonly FileSpec[];
  readonly executor: ExecutorSpec;
  readonly requires: RequirementsSpec;
  /** Name of the runner record the job is pinned to. */
  readonly runner: string | null;
  /** Name of the instance the job is pinned to. */
  readonly instance: string | null;
  /** Higher goes first; -1000 to 1000. */
  readonly priority: number;
  readonly timeoutSeconds: number;
  readonly queueTimeoutSeconds: number;
  readonly onLost: OnLost;
  /** How many attempts the loss of runners may cost, the first included. */
  readonly maxAttempts: number;
}

export const ON_LOST = ['requeue', 'fail'] as const;
/** `requeue`: at least once, at most `maxAttempts` starts. `fail`: at most one start. */
export type OnLost = (typeof ON_LOST)[number];

export interface StepSpec {
  readonly name: string;
  readonly run: string;
  readonly shell: StepShell;
  /** null: only the job's timeout limits the step. */
  readonly timeoutSeconds: number | null;
}

export const STEP_SHELLS = ['bash', 'sh'] as const;
/** `bash` runs with `-eo pipefail`, `sh` with `-e`. */
export type StepShell = (typeof STEP_SHELLS)[number];

export interface GitSourceSpec {
  readonly type: 'git';
  readonly url: string;
  /** Branch, tag or commit; null: the remote's default branch. */
  readonly revision: string | null;
  /** Folder inside the repository in which the steps run. */
  readonly path: string | null;
  /** Commits of history to fetch; null: the runner's setting. */
  readonly depth: number | null;
}

export interface FileSpec {
  /** Relative to the workspace; no way out of it. */
  readonly path: string;
  readonly content: string;
}

export interface ExecutorSpec {
  readonly type: 'shell';
}

export interface RequirementsSpec {
  /** Names of tools that must be on the runner's PATH. */
  readonly tools: readonly string[];
  /** Labels that must be present with exactly these values. */
  readonly labels: Readonly<Record<string, string>>;
}
