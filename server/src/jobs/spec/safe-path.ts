import { problemOfLine } from './safe-text.js';

export const MAX_PATH_LENGTH = 512;

/**
 * A path below the workspace, written with `/`. The runner checks again while it opens each folder; refusing here
 * tells the caller at once. `.git` is refused in all spellings that some file system takes for it, because a file in
 * there is a program that the next git command runs.
 *
 * @returns what is wrong, as a half sentence; null: nothing
 */
export function problemOfRelativePath(path: string): string | null {
  if (path === '' || path.length > MAX_PATH_LENGTH) return `must have 1 to ${MAX_PATH_LENGTH} characters`;
  if (path.includes('\\')) return 'must use / between folders, not a backslash';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'must be relative to the workspace';
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'must not contain empty, "." or ".." segments';
  }
  if (segments.some(isGitFolder)) return 'must not lead into .git';
  return problemOfLine(path);
}

function isGitFolder(segment: string): boolean {
  const plain = segment.replace(/\p{Default_Ignorable_Code_Point}/gu, '').toLowerCase();
  return /^\.git[. ]*(:.*)?$/.test(plain) || /^git~\d+$/.test(plain);
}
