'use client';

import type { LogReceipt } from '@dibs/shared';
import { Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import classes from './job-log.module.css';

/** Beside the number of lines of a log that has ended. @param receipt undefined: it is not there (yet) */
export function LogReceiptNote({ receipt }: { readonly receipt: LogReceipt | undefined }) {
  if (receipt === undefined || receipt.status === 'pending') return null;
  const { status, text } = receipt;
  return (
    <Tooltip label={text} multiline maw={420}>
      <span className={classes.receipt} data-status={status} data-testid="log-receipt" tabIndex={0}>
        {status === 'complete' && <IconCircleCheck size={14} aria-hidden />}
        {status === 'incomplete' && <IconAlertTriangle size={14} aria-hidden />}
        {NAMES[status]}
      </span>
    </Tooltip>
  );
}

const NAMES = {
  complete: 'complete',
  cut: 'shortened',
  incomplete: 'incomplete',
  unknown: 'ended, not verified',
} as const satisfies Record<Exclude<LogReceipt['status'], 'pending'>, string>;

/** Above the lines: what is missing must not have to be looked for. */
export function LogReceiptProblem({ receipt }: { readonly receipt: LogReceipt | undefined }) {
  if (receipt?.status !== 'incomplete') return null;
  return (
    <div className={classes.incomplete} role="status">
      {receipt.text}
    </div>
  );
}
