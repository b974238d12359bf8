import type { SourceLook } from '@dibs/shared';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '../storage/remove-tree.js';
import { git, type GitOptions } from './git-command.js';
import { checkRevision, parseGitUrl } from './git-url.js';
import { newestTag } from './git-versions.js';

export interface LookOptions extends Omit<GitOptions, 'dir' | 'remote' | 'onOutput'> {
  readonly source: Pick<SourceLook, 'url' | 'revision' | 'versions'>;
  /** Where a folder of its own is made: a repository around it would have a say. */
  readonly root: string;
  readonly allowFileUrls: boolean;
}

/**
 * Which commit the source is, without fetching it. @returns its full id @throws Error that says what kept it from being
 * seen, or `signal.reason`
 */
export async function lookAtSource({ source, root, allowFileUrls, ...rest }: LookOptions): Promise<string> {
  const remote = parseGitUrl(source.url, allowFileUrls);
  const dir = await mkdtemp(join(root, 'look-'));
  try {
    const options: GitOptions = { ...rest, dir, remote, onOutput: () => undefined };
    if (!(await git(options, ['init', '--quiet'], true)).ok) throw new Error('the repository could not be made');
    return await commitOf(options, source);
  } finally {
    await removeTree(dir).catch(() => undefined);
  }
}

async function commitOf(
  options: GitOptions,
  { revision, versions }: Pick<SourceLook, 'revision' | 'versions'>,
): Promise<string> {
  const names =
    revision === null && versions !== null
      ? tagNames(checkRevision(await newestTag(options, versions)))
      : namesOf(revision === null ? null : checkRevision(revision));
  const { url } = options.remote;
  const { ok, stdout } = await git(options, ['ls-remote', '--quiet', '--', url, ...names], true, MAX_LIST);
  if (!ok) throw new Error(`${url} could not be reached, or does not let this runner in`);
  const seen = new Map(stdout.split('\n').map((line) => line.split('\t').reverse() as [string, string]));
  const commit = names.map((name) => seen.get(name)).find((id) => id !== undefined && COMMIT.test(id));
  if (commit === undefined) throw new Error(`${url} has no ${revision ?? 'default branch'}`);
  return commit;
}

/** In the order in which git itself, and so the fetch of a job, would take them for the name; tags by what they point at. */
function namesOf(revision: string | null): string[] {
  if (revision === null) return ['HEAD'];
  const exact = revision.startsWith('refs/') || revision === 'HEAD' ? [`${revision}^{}`, revision] : [];
  return [...exact, ...tagNames(revision), `refs/heads/${revision}`];
}

function tagNames(tag: string): string[] {
  return [`refs/tags/${tag}^{}`, `refs/tags/${tag}`];
}

const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
/** Names that end like the wanted ones are listed too. */
const MAX_LIST = 256 * 1024;
