/** @returns the number in `#L123`; null: it is no link to a line */
export function lineOfHash(hash: string): number | null {
  const match = /^#L([1-9]\d{0,9})$/.exec(hash);
  return match ? Number(match[1]) : null;
}

/** Puts the line into the address bar, with its attempt, and on the clipboard where the browser lets us. */
export function markLine(seq: number, attempt: number): void {
  const url = new URL(location.href);
  url.searchParams.set('attempt', String(attempt));
  url.hash = `L${seq}`;
  history.replaceState(history.state, '', url);
  void navigator.clipboard?.writeText(url.href).catch(() => {});
}
