import type { LogReceipt } from '@dibs/shared';
import { judgeLog } from '../domain/logs/log-receipt.js';
import { AppError } from '../platform/errors.js';
import type { KeptReceipt } from './log-receipt.repository.js';

export function jobNotFound(): AppError {
  return new AppError(404, 'job_not_found', 'There is no such job.');
}

/** For who asks for lines that retention has removed. */
export function logRemoved(day: string): AppError {
  return new AppError(410, 'log_removed', `${inWords(day)} The job and the receipt of its log are kept.`);
}

/** What is still known of a log that was removed: nothing of it can be counted any more. */
export function receiptOfRemoved(
  { counted, checked }: KeptReceipt,
  { attempt, lastSeq, isTold, day }: { attempt: number; lastSeq: number; isTold: boolean; day: string },
): LogReceipt {
  if (checked === null) {
    const text = `${inWords(day)} Nobody had compared it with what the runner counted before.`;
    const nothing = { lines: 0, bytes: 0, steps: [], missing: [], missingParts: 0, cut: null, checkedAt: null };
    return { status: 'unknown', text, attempt, lastSeq, ...nothing, removedOn: day };
  }
  const { missing, missingParts, cut = null } = checked.stored;
  const judged = judgeLog(counted, checked.stored, { lastSeq, isTold });
  const text = `${inWords(day)} What was stored before: ${judged.text}`;
  const checkedAt = checked.at.toISOString();
  return { ...judged, text, attempt, lastSeq, missing, missingParts, cut, checkedAt, removedOn: day };
}

function inWords(day: string): string {
  return `The log was removed on ${day} by the retention of the organization.`;
}
