import type { FileSpec, GitSourceSpec } from '@dibs/shared';
import type { CgroupRoot } from '../process/cgroup.js';

export interface PrepareWorkspaceOptions {
  /** Folder of all workspaces of this runner; made when it is missing. */
  readonly root: string;
  readonly jobId: string;
  readonly attempt: number;
  readonly files: readonly FileSpec[];
  readonly source: GitSourceSpec | null;
  /** RUNNER_CLONE_DEPTH, used when the source names none; 0: all history. */
  readonly cloneDepth: number;
  /** Accept `file:` and plain paths as git urls: for tests and trusted hosts only. Default false. */
  readonly allowFileUrls?: boolean;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly cgroupRoot: CgroupRoot | null;
  readonly pipeGraceMs: number;
  /** One line for the job's log (system stream, step -1). */
  readonly onOutput: (line: string) => void;
  /** Aborting kills a running git; the promise then rejects with `signal.reason`. */
  readonly signal: AbortSignal;
}

export interface Workspace {
  /** Name of the attempt's folder below the root: what `cleanStaleWorkspaces` takes in `keep`. */
  readonly name: string;
  /** The attempt's files: the git checkout when there is a source. */
  readonly dir: string;
  /** Where steps run: `dir`, or the source's `path` in it. */
  readonly stepDir: string;
  /** TMPDIR of the steps. */
  readonly tmpDir: string;
  /** Dibs' own folder for scripts, beside `dir`. */
  readonly privateDir: string;
  /** Full id of the commit that was checked out; null without a source. */
  readonly commit: string | null;
  /** Removes everything, also what the job made read-only. */
  dispose(): Promise<void>;
}

/** Why no workspace could be made; `reason` is the job's reason. */
export class WorkspaceError extends Error {
  constructor(
    readonly reason: 'workspace_failed' | 'source_failed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'WorkspaceError';
  }
}

/** Rejects with WorkspaceError, or with `signal.reason` when aborted; leaves nothing behind then. */
export function prepareWorkspace(_options: PrepareWorkspaceOptions): Promise<Workspace> {
  throw new Error('in work');
}

export function workspaceName(jobId: string, attempt: number): string {
  return `${jobId}-${attempt}`;
}

/** Removes the folders of attempts that are not in `keep` (see `workspaceName`). Returns the names removed. */
export function cleanStaleWorkspaces(_root: string, _keep: ReadonlySet<string>): Promise<string[]> {
  throw new Error('in work');
}
