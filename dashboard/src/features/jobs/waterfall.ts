/** More of the width than this is never given to waiting: what ran is what one wants to see. */
const MOST_WAITING = 0.3;

interface Life {
  /** Since when somebody could have taken it. */
  readonly queuedMs: number;
  /** null: nobody has. */
  readonly claimedMs: number | null;
  /** Its end, or now. */
  readonly endMs: number;
}

/** Place on a bar, in parts of its width. */
export interface Extent {
  readonly from: number;
  readonly width: number;
}

/**
 * Where on one common bar something was. Waiting is drawn to the same scale unless it would push the rest aside; then
 * it is cut short, and `isWaitCut` says so.
 */
export function waterfall({ queuedMs, claimedMs, endMs }: Life) {
  const claimed = claimedMs ?? endMs;
  const [wait, work] = [Math.max(0, claimed - queuedMs), Math.max(0, endMs - claimed)];
  const share = wait + work === 0 ? 0 : wait / (wait + work);
  const isWaitCut = claimedMs !== null && share > MOST_WAITING;
  const waitShare = isWaitCut ? MOST_WAITING : share;
  const placeOf = (ms: number): number => {
    if (ms <= claimed) return wait === 0 ? 0 : within((ms - queuedMs) / wait) * waitShare;
    return waitShare + within((ms - claimed) / work) * (1 - waitShare);
  };
  return {
    isWaitCut,
    extent: (fromMs: number, toMs: number): Extent => {
      const from = placeOf(fromMs);
      return { from, width: Math.max(0, placeOf(toMs) - from) };
    },
  };
}

function within(part: number): number {
  return Math.min(1, Math.max(0, part));
}
