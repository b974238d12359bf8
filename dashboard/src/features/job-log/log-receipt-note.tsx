'use client';

import type { LogReceipt } from '@dibs/shared';
import { Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import classes from './job-log.module.css';

interface LogReceiptNoteProps {
  /** undefined: it is not there (yet) */
  readonly receipt: LogReceipt | undefined;
  readonly onShow: (seq: number) => void;
}

/** Beside the number of lines of a log that has ended; leads to the first that are missing. */
export function LogReceiptNote({ receipt, onShow }: LogReceiptNoteProps) {
  if (receipt === undefined || receipt.status === 'pending') return null;
  const { status, text, missing, cut } = receipt;
  const missingSeq = missing[0]?.firstSeq ?? cut?.firstSeq;
  const shared = { className: classes.receipt, 'data-status': status, 'data-testid': 'log-receipt' };
  const content = (
    <>
      {status === 'complete' && <IconCircleCheck size={14} aria-hidden />}
      {status === 'incomplete' && <IconAlertTriangle size={14} aria-hidden />}
      {NAMES[status]}
    </>
  );
  return (
    <Tooltip label={text} multiline maw={420}>
      {missingSeq === undefined ? (
        <span {...shared} tabIndex={0}>
          {content}
        </span>
      ) : (
        <button {...shared} type="button" onClick={() => onShow(missingSeq)}>
          {content}
        </button>
      )}
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
