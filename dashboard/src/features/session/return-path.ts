/** Where to go after signing in: only pages of this dashboard, never an address that leads elsewhere. */
export function returnPath(next: string | null): string {
  if (!next || !/^\/(?![/\\])/.test(next) || next.startsWith('/sign-in')) return '/overview';
  // Browsers drop tabs and line ends, so `/<tab>/host` would lead elsewhere.
  return /[\t\r\n\\]/.test(next) ? '/overview' : next;
}

export function signInPath(next: string): string {
  return next === '/overview' || next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
}
