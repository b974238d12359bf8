'use client';

import { Tooltip } from '@mantine/core';
import { useContext } from 'react';
import { formatDuration, formatMoment } from '../../ui/format-time';
import { StatusPill } from '../../ui/status-pill';
import { NowContext } from '../../ui/times';
import { useTick } from '../../ui/use-now';
import classes from './administration.module.css';

const SOON_MS = 7 * 24 * 3_600_000;

/** When a token ends by itself; one that ended stays in the list until it is revoked. */
export function TokenExpiry({ expiresAt }: { readonly expiresAt: string | null }) {
  useTick();
  const now = useContext(NowContext);
  if (expiresAt === null) return <span className={classes.when}>when revoked</span>;
  const leftMs = Date.parse(expiresAt) - now();
  const words =
    leftMs <= 0 ? (
      <StatusPill tone="muted">Ended</StatusPill>
    ) : leftMs < SOON_MS ? (
      <StatusPill tone="warn">in {formatDuration(leftMs, { isRunning: true })}</StatusPill>
    ) : (
      <span className={classes.when}>in {formatDuration(leftMs, { isRunning: true })}</span>
    );
  return (
    <Tooltip label={formatMoment(expiresAt)}>
      <time dateTime={expiresAt}>{words}</time>
    </Tooltip>
  );
}
