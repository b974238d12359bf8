/** Where to go after signing in: only pages of this dashboard, never an address that leads elsewhere. */
export function returnPath(next: string | null): string {
  if (!next || !/^\/(?![/\\])/.test(next) || next.startsWith('/sign-in')) return '/jobs';
  // Browsers drop tabs and line ends, so `/<tab>/host` would lead elsewhere.
  return /[\t\r\n\\]/.test(next) ? '/jobs' : next;
}

export function signInPath(next: string): string {
  return next === '/jobs' || next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
}
