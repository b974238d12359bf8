import semver from 'semver';
import { type GitOptions, git } from './git-command.js';

/**
 * The tag with the highest version in the range, as npm reads ranges; those of pre-releases only where the range names
 * one. A `v` before the version does not matter. @throws Error that says what there is
 */
export async function newestTag(options: GitOptions, range: string): Promise<string> {
  const { url } = options.remote;
  const { ok, stdout } = await git(options, ['ls-remote', '--tags', '--refs', '--quiet', '--', url], true, MAX_LIST);
  if (!ok) throw new Error(`the tags of ${url} could not be listed`);
  if (stdout.length >= MAX_LIST) throw new Error(`${url} has too many tags to look for a version among them`);
  const tag = newestIn(tagsOf(stdout), range);
  if (tag === null) throw new Error(`no tag of ${url} is a version in the range ${range}`);
  options.onOutput(`The newest version in the range ${range} is ${tag}.`);
  return tag;
}

/** Exported for the test. @returns null: none is in it @throws Error for what is no range */
export function newestIn(tags: readonly string[], range: string): string | null {
  if (semver.validRange(range) === null) throw new Error(`${JSON.stringify(range)} is not a range of versions`);
  const versions = tags.flatMap((tag) => {
    const version = semver.parse(tag);
    return version && semver.satisfies(version, range) ? [{ tag, version }] : [];
  });
  // where two tags are the same version, always the same one of them counts
  versions.sort((a, b) => semver.rcompare(a.version, b.version) || (a.tag < b.tag ? -1 : 1));
  return versions[0]?.tag ?? null;
}

function tagsOf(list: string): string[] {
  return list.split('\n').flatMap((line) => /^[0-9a-f]+\trefs\/tags\/(\S+)$/.exec(line)?.[1] ?? []);
}

/** Some hundred thousand tags. */
const MAX_LIST = 16 * 2 ** 20;
