import { problemOfLine } from './safe-text.js';
import { problemOfVersionRange } from './version-range.js';

const MAX_URL_LENGTH = 2048;
const MAX_REVISION_LENGTH = 255;
const PROTOCOLS: readonly string[] = ['https:', 'http:', 'ssh:'];
/** git's short form of ssh: `user@host:path`. */
const SCP_FORM = /^[A-Za-z0-9_][A-Za-z0-9._-]*@[A-Za-z0-9[][A-Za-z0-9.:[\]-]*:[^:-][^\s]*$/;

/**
 * An allow-list, because git's transports run programs (`ext::sh -c …`) or read the runner's own disk (`file:`), and an
 * url that starts with a dash is an option.
 *
 * @returns what is wrong, as a half sentence; null: nothing
 */
export function problemOfGitUrl(url: string): string | null {
  const allowed = 'must be an https://, http:// or ssh:// URL, or of the form git@host:path';
  if (url.length > MAX_URL_LENGTH) return `must have at most ${MAX_URL_LENGTH} characters`;
  if (url.startsWith('-') || /^[A-Za-z0-9+.-]*::/.test(url) || /\s/.test(url)) return allowed;
  if (problemOfLine(url)) return problemOfLine(url);
  if (SCP_FORM.test(url) && !url.includes('://')) return null;
  if (!/^[a-z]+:\/\/[^/]/.test(url) || !URL.canParse(url)) return allowed;
  const { protocol, username, password, hostname } = new URL(url);
  if (!PROTOCOLS.includes(protocol) || hostname === '' || hostname.startsWith('-')) return allowed;
  if (password !== '' || (username !== '' && protocol !== 'ssh:')) {
    return 'must not contain credentials, which would be stored and shown in plain text';
  }
  // ssh://-oProxyCommand=… has been a way to run programs through the user name as well
  return username.startsWith('-') ? allowed : null;
}

/** Branch, tag or commit, by the rules of git-check-ref-format, and never an option. */
export function problemOfRevision(revision: string): string | null {
  if (revision === '' || revision.length > MAX_REVISION_LENGTH)
    return `must have 1 to ${MAX_REVISION_LENGTH} characters`;
  if (revision.startsWith('-')) return 'must not start with a dash';
  const wrong = /[\s~^:?*[\\]|\.\.|@\{|\/\/|^\/|[/.]$|\.lock$/.test(revision);
  return wrong ? 'must be the name of a branch or tag, or a commit' : problemOfLine(revision);
}

/** Range of versions as npm writes them, of which the newest tag counts; not beside a revision, which says it already. */
export function problemOfVersions(value: unknown, { revision }: { readonly revision?: unknown }): string | null {
  if (revision !== undefined && revision !== null) return 'must not be given beside a revision';
  const isRange = problemOfVersionRange(value) === null;
  return isRange ? null : 'must be a range of versions that can be read, such as >=1.5 <2';
}
