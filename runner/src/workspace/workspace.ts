import type { FileSpec, SourceSpec } from '@dibs/shared';
import { mkdirSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { CgroupRoot } from '../process/cgroup-folder.js';
import { fetchArchiveSource } from './archive-source.js';
import { fetchGitSource } from './git-source.js';
import { writeInlineFiles } from './inline-files.js';
import { removeSmallFolder, removeTree } from '../storage/remove-tree.js';
import { safePathParts } from './safe-path.js';

export interface PrepareWorkspaceOptions {
  /** Folder of all workspaces of this runner; made when it is missing. */
  readonly root: string;
  readonly jobId: string;
  readonly attempt: number;
  /** Puts what `makeFolders` has made at a path. @returns false: there is nothing at the path, or what was there */
  readonly placeFolders?: (folder: string) => boolean;
  readonly files: readonly FileSpec[];
  readonly source: SourceSpec | null;
  /** RUNNER_CLONE_DEPTH, used when the source names none; 0: all history. */
  readonly cloneDepth: number;
  /** Accept `file:` and plain paths as git urls: for tests and trusted hosts only. Default false. */
  readonly allowFileUrls?: boolean;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly cgroupRoot: CgroupRoot | null;
  readonly pipeGraceMs: number;
  /** The bytes of the archive that is the source; asked for at most once. */
  readonly fetchArchive: (signal: AbortSignal) => Promise<Buffer>;
  /** One line for the job's log (system stream, step -1). */
  readonly onOutput: (line: string) => void;
  /** Aborting kills a running git; the promise then rejects with `signal.reason`. */
  readonly signal: AbortSignal;
}

export interface Workspace {
  /** Name of the attempt's folder below the root: what `cleanStaleWorkspaces` takes in `keep`. */
  readonly name: string;
  /** The attempt's files: the git checkout, or what was in the archive, when there is a source. */
  readonly dir: string;
  /** Where steps run: `dir`, or the source's `path` in it. */
  readonly stepDir: string;
  /** TMPDIR of the steps. */
  readonly tmpDir: string;
  /** Dibs' own folder for scripts: the one that holds `dir` and `tmpDir`. */
  readonly privateDir: string;
  /** Full id of the commit that was checked out; null without a repository. */
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
export async function prepareWorkspace(options: PrepareWorkspaceOptions): Promise<Workspace> {
  const { root, jobId, attempt, files, source, signal } = options;
  signal.throwIfAborted();
  const name = workspaceName(jobId, attempt);
  if (!WORKSPACE_NAME.test(name)) throw new WorkspaceError('workspace_failed', 'The job id cannot name a folder.');
  const folder = join(root, name);
  const [dir, tmpDir] = partsOf(folder);
  try {
    // A bad path costs no fetch.
    for (const { path } of files) safePathParts(path);
    if (!options.placeFolders?.(folder)) await makeFoldersAnew(folder);
    const commit = source === null ? null : await fetchSource(options, source, dir);
    writeInlineFiles(dir, files);
    const stepDir = source?.path == null ? dir : await folderInside(dir, source.path);
    return {
      name,
      dir,
      stepDir,
      tmpDir,
      privateDir: folder,
      commit,
      dispose: () => dispose(folder, [dir, tmpDir]),
    };
  } catch (error) {
    await removeTree(folder).catch(() => undefined);
    signal.throwIfAborted();
    if (error instanceof WorkspaceError) throw error;
    throw new WorkspaceError('workspace_failed', `The workspace could not be prepared: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The folders of a workspace, at a path where nothing is. */
export function makeFolders(folder: string): void {
  for (const each of [folder, ...partsOf(folder)]) mkdirSync(each, { mode: 0o700 });
}

/** Of the job's files, and of its temporary ones. */
function partsOf(folder: string): [dir: string, tmpDir: string] {
  return [join(folder, 'work'), join(folder, 'tmp')];
}

/** In this thread where all is as usual: a hop to another one and back costs more than the folders. */
async function makeFoldersAnew(folder: string): Promise<void> {
  try {
    makeFolders(folder);
  } catch (error) {
    // left over (EEXIST), or the root is not there yet
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') await removeTree(folder);
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
    makeFolders(folder);
  }
}

async function dispose(folder: string, parts: readonly string[]): Promise<void> {
  const emptied = await Promise.all(parts.map(removeSmallFolder));
  if (!emptied.every(Boolean) || !(await removeSmallFolder(folder))) await removeTree(folder);
}

export function workspaceName(jobId: string, attempt: number): string {
  return `${jobId}-${attempt}`;
}

/** Removes the folders of attempts that are not in `keep` (see `workspaceName`). Returns the names removed. */
export async function cleanStaleWorkspaces(root: string, keep: ReadonlySet<string>): Promise<string[]> {
  const names = await readdir(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  // The folder is configured by people: only touch what looks like ours.
  const stale = names.filter((name) => WORKSPACE_NAME.test(name) && !keep.has(name));
  for (const name of stale) await removeTree(join(root, name));
  return stale;
}

/** A UUID and the number of the attempt. */
const WORKSPACE_NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-\d{1,9}$/;

async function fetchSource(options: PrepareWorkspaceOptions, source: SourceSpec, dir: string): Promise<string | null> {
  const {
    jobId,
    attempt,
    cloneDepth,
    allowFileUrls = false,
    hostEnv,
    cgroupRoot,
    pipeGraceMs,
    fetchArchive,
    onOutput,
    signal,
  } = options;
  try {
    if (source.type === 'archive') {
      await fetchArchiveSource({ source, dir, fetchArchive, onOutput, signal });
      return null;
    }
    return await fetchGitSource({
      ...{ source, dir, cloneDepth, allowFileUrls, hostEnv, cgroupRoot, pipeGraceMs, onOutput, signal },
      marker: { jobId, attempt },
    });
  } catch (error) {
    throw new WorkspaceError('source_failed', `The source could not be fetched: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The source's `path`, symbolic links resolved: a link that leads out of the checkout is refused. */
async function folderInside(dir: string, path: string): Promise<string> {
  const [base, folder] = await Promise.all([
    realpath(dir),
    realpath(join(dir, ...safePathParts(path))).catch(() => null),
  ]);
  const problem = (why: string) =>
    new WorkspaceError('source_failed', `The source's path ${JSON.stringify(path)} ${why}.`);
  if (folder === null || !(await stat(folder)).isDirectory()) throw problem('is not a folder of it');
  if (folder !== base && !folder.startsWith(base + sep)) throw problem('leads out of it');
  return folder;
}
