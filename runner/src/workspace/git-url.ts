/** What git is given, and what may be shown: a password in a URL is in neither. */
export interface GitRemote {
  /** Without user and password when those travel separately (http, https). */
  readonly url: string;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  readonly protocol: 'https' | 'http' | 'ssh' | 'file';
}

/** `user@host:path`. The host may not begin with a dash (ssh would take it for an option). */
const SCP_LIKE = /^(?:[A-Za-z0-9._~+-]+@)?[A-Za-z0-9[][A-Za-z0-9.:[\]_-]*:(?![/\\]{2}|:)[^\s]+$/;

/**
 * Only https, http, ssh and the short form of ssh. Everything else can run commands or read this host's files:
 * `ext::`, `file:`, plain paths, options. Throws an Error that says so, without the URL (it may hold a password).
 */
export function parseGitUrl(text: string, allowFileUrls: boolean): GitRemote {
  // eslint-disable-next-line no-control-regex -- exactly those are looked for
  if (text === '' || text.startsWith('-') || /[\u0000-\u0020\u007f]/.test(text)) {
    throw new Error('the git url is empty, begins with a dash or contains spaces or control characters');
  }
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text)) return parseWithScheme(text, allowFileUrls);
  if (allowFileUrls && text.startsWith('/')) return { url: text, credentials: null, protocol: 'file' };
  if (!text.startsWith('/') && !text.includes('::') && SCP_LIKE.test(text)) {
    return { url: text, credentials: null, protocol: 'ssh' };
  }
  throw refused(allowFileUrls);
}

function parseWithScheme(text: string, allowFileUrls: boolean): GitRemote {
  const url = URL.canParse(text) ? new URL(text) : null;
  const protocol = url?.protocol.slice(0, -1);
  if (url && protocol === 'file' && allowFileUrls) return { url: text, credentials: null, protocol };
  if (!url || (protocol !== 'https' && protocol !== 'http' && protocol !== 'ssh')) throw refused(allowFileUrls);
  if (url.hostname === '' || url.hostname.startsWith('-')) throw new Error('the git url names no usable host');
  if (decodeURIComponentOr(url.username).startsWith('-')) throw new Error('the user in the git url begins with a dash');
  if (protocol === 'ssh') {
    // ssh takes no password from a URL; keep it from being shown.
    url.password = '';
    return { url: url.href, credentials: null, protocol };
  }
  const hasCredentials = url.username !== '' || url.password !== '';
  const credentials = hasCredentials
    ? { username: decodeURIComponentOr(url.username), password: decodeURIComponentOr(url.password) }
    : null;
  if (credentials && /[\r\n\0]/.test(credentials.username + credentials.password)) {
    throw new Error('the credentials in the git url contain control characters');
  }
  url.username = '';
  url.password = '';
  return { url: url.href, credentials, protocol };
}

function refused(allowFileUrls: boolean): Error {
  return new Error(`the git url is not one of https, http, ssh${allowFileUrls ? ', file' : ''} or user@host:path`);
}

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * A branch, tag or commit by the rules of git for names. What git would take for an option, a range, a pattern or a
 * refspec is none. Throws an Error that says so.
 */
export function checkRevision(revision: string): string {
  // eslint-disable-next-line no-control-regex -- exactly those are looked for
  const forbidden = /^[-+/.]|[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|[/.]$|\.lock(\/|$)|\/\./;
  if (revision === '' || revision.length > 250 || forbidden.test(revision)) {
    throw new Error(`${JSON.stringify(revision)} is not the name of a branch, tag or commit`);
  }
  return revision;
}
