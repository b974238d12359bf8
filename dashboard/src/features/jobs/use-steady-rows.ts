'use client';

import type { JobSummary } from '@dibs/shared';
import { useDebouncedCallback } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { steadyRows } from './steady-rows';

/** A hand that does not move is not about to click. */
const STILL_MS = 3_000;

/**
 * Keeps rows from moving while somebody points at them, walks through them by keys, or has selected some.
 *
 * @param scope another list begins anew
 */
export function useSteadyRows(latest: readonly JobSummary[] | undefined, isSelecting: boolean, scope: string) {
  const [isPointing, setPointing] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const [held, setHeld] = useState<{ readonly scope: string; readonly rows: readonly JobSummary[] } | null>(null);
  const rest = useDebouncedCallback(() => setPointing(false), STILL_MS);
  const isHeld = isPointing || isFocused || isSelecting;
  // what is held is taken while drawing: an effect would draw the moved rows once
  if (isHeld && latest && held?.scope !== scope) setHeld({ scope, rows: latest });
  if (!isHeld && held) setHeld(null);
  const heldRows = held?.scope === scope ? held.rows : null;
  const steady = useMemo(() => steadyRows(heldRows, latest ?? []), [heldRows, latest]);
  return {
    ...steady,
    /** Shows the newer ones now. */
    refresh: () => latest && setHeld({ scope, rows: latest }),
    handlers: {
      onPointerMove: () => {
        setPointing(true);
        rest();
      },
      onPointerLeave: () => setPointing(false),
      onFocus: () => setFocused(true),
      onBlur: (event: React.FocusEvent<HTMLElement>) => setFocused(event.currentTarget.contains(event.relatedTarget)),
    },
  };
}
