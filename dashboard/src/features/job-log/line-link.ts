/** Lines that the address names. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
}

/** @returns the numbers in `#L123` or `#L123-L140`; null: it is no link to lines */
export function linesOfHash(hash: string): LineRange | null {
  const match = /^#L([1-9]\d{0,9})(?:-L?([1-9]\d{0,9}))?$/.exec(hash);
  if (!match) return null;
  const [one, other] = [Number(match[1]), Number(match[2] ?? match[1])];
  return { from: Math.min(one, other), to: Math.max(one, other) };
}

/** @returns the zero-based step in `#step-2`, which counts from 1 as people do; null: it is no link to a step */
export function stepOfHash(hash: string): number | null {
  const match = /^#step-([1-9]\d{0,3})$/.exec(hash);
  return match ? Number(match[1]) - 1 : null;
}

/** Puts the lines into the address bar, with their attempt. @returns whether the link is on the clipboard, too */
export async function markLines({ from, to }: LineRange, attempt: number): Promise<boolean> {
  const url = new URL(location.href);
  url.searchParams.set('attempt', String(attempt));
  url.hash = from === to ? `L${from}` : `L${from}-L${to}`;
  history.replaceState(history.state, '', url);
  try {
    // browsers have a clipboard for pages only over https or on this machine
    await navigator.clipboard.writeText(url.href);
    return true;
  } catch {
    return false;
  }
}
