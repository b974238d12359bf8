import type { GitSourceSpec } from '@dibs/shared';
import { type GitOptions, git } from './git-command.js';
import { checkRevision, parseGitUrl } from './git-url.js';
import { newestTag } from './git-versions.js';

export interface GitSourceOptions extends Omit<GitOptions, 'remote'> {
  readonly source: GitSourceSpec;
  /** Used when the source names none; 0: all history. */
  readonly cloneDepth: number;
  readonly allowFileUrls: boolean;
}

const ALL_REFS = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];

/**
 * Fetches the source into the empty folder `dir` and checks it out, detached. Only the wanted commit with `depth`
 * commits of history, when the server lets itself be asked for it; else (a commit id that it does not hand out, an
 * abbreviated one) everything. @returns the full id of the commit
 */
export async function fetchGitSource({
  source,
  cloneDepth,
  allowFileUrls,
  ...rest
}: GitSourceOptions): Promise<string> {
  const remote = parseGitUrl(source.url, allowFileUrls);
  const options = { ...rest, remote };
  await must(git(options, ['init', '--quiet'], true), 'the repository could not be made');
  const revision = await revisionOf(source, options);
  await must(git(options, ['config', 'remote.origin.url', remote.url], true), 'the repository could not be made');
  await must(
    git(options, ['config', 'remote.origin.fetch', ALL_REFS[0] ?? ''], true),
    'the repository could not be made',
  );

  const depth = source.depth ?? cloneDepth;
  const fetch = ['fetch', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
  const exact = await git(options, [
    ...['fetch', '--no-tags', '--no-recurse-submodules', '--quiet'],
    ...(depth > 0 ? [`--depth=${depth}`] : []),
    '--',
    'origin',
    revision,
  ]);
  let commit = exact.ok ? await resolve(options, 'FETCH_HEAD') : null;
  if (commit === null && /^[0-9a-f]{4,64}$/i.test(revision)) {
    options.onOutput(`The server does not hand out ${revision} by itself; fetching all branches and tags.`);
    await must(git(options, [...fetch, '--quiet', '--', 'origin', ...ALL_REFS]), 'the source could not be fetched');
    commit = await resolve(options, revision);
  }
  if (commit === null)
    throw new Error(`${revision === 'HEAD' ? 'the default branch' : revision} could not be fetched from ${remote.url}`);
  await must(git(options, ['checkout', '--quiet', '--detach', commit, '--']), 'the source could not be checked out');
  options.onOutput(`Checked out ${commit}${revision === 'HEAD' ? '' : ` (${revision})`} of ${remote.url}`);
  return commit;
}

/** What to ask the server for. */
async function revisionOf({ revision, versions }: GitSourceSpec, options: GitOptions): Promise<string> {
  if (revision !== null) return checkRevision(revision);
  return versions == null ? 'HEAD' : `refs/tags/${checkRevision(await newestTag(options, versions))}`;
}

async function resolve(options: GitOptions, revision: string): Promise<string | null> {
  const { ok, stdout } = await git(
    options,
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
    true,
  );
  return ok && /^[0-9a-f]{40,64}$/.test(stdout) ? stdout : null;
}

async function must(result: Promise<{ ok: boolean }>, problem: string): Promise<void> {
  if (!(await result).ok) throw new Error(problem);
}
