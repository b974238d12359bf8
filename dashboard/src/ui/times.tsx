'use client';

import { Tooltip } from '@mantine/core';
import { createContext, useContext } from 'react';
import { formatAgo, formatDuration, formatMoment } from './format-time';
import { useTick } from './use-now';

/** The clock that ages are counted on; the application puts the server's here. */
export const NowContext = createContext<() => number>(Date.now);

/** How long ago something was; the exact moment on hover. */
export function Ago({ at }: { readonly at: string }) {
  useTick();
  const now = useContext(NowContext);
  return (
    <Tooltip label={formatMoment(at)}>
      <time dateTime={at}>{formatAgo(now() - Date.parse(at))}</time>
    </Tooltip>
  );
}

/** Time between two moments, counting while there is no end. */
export function Duration({ from, to }: { readonly from: string; readonly to: string | null }) {
  return to === null ? (
    <RunningDuration from={from} />
  ) : (
    <span className="tabular">{formatDuration(Date.parse(to) - Date.parse(from))}</span>
  );
}

function RunningDuration({ from }: { readonly from: string }) {
  useTick();
  const now = useContext(NowContext);
  return <span className="tabular">{formatDuration(now() - Date.parse(from), { isRunning: true })}</span>;
}
