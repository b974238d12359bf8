import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HeldAttempt, LinkLimits, LogReply, Refusal } from '@dibs/shared';
import { LogShipper } from '../logs/log-shipper.js';
import { Spool, type LineBatch } from '../logs/spool.js';
import type { AttemptHost, ServerTerms } from './attempt-host.js';
import { attemptKey } from './journal.js';

export interface AttemptLog {
  readonly spool: Spool;
  readonly shipper: LogShipper;
}

/** Spool and shipper of one attempt. `terms` null: left over from an earlier process, nothing is added any more. */
export async function openAttemptLog(
  host: AttemptHost,
  held: HeldAttempt,
  terms: ServerTerms | null,
  onRefused: (refusal: Refusal) => void,
): Promise<AttemptLog> {
  const spool = await Spool.open(spoolFolder(host, held));
  const { logStream, timeScale, link } = host;
  const shipper = new LogShipper({
    spool,
    send: (batch: LineBatch): Promise<LogReply> =>
      link.request(
        'job:log',
        { jobId: held.jobId, attempt: held.attempt, claimToken: held.claimToken, ...batch },
        host.ask.timeoutMs,
      ),
    timing: {
      periodWatchedMs: terms?.timing.logPeriodWatchedMs ?? 0,
      periodIdleMs: logStream.idlePeriodMs ?? terms?.timing.logPeriodIdleMs ?? 0,
      retryMs: 500 * timeScale,
    },
    onRefused,
  });
  return { spool, shipper };
}

/**
 * Opens the log of an attempt whose runner process was killed. What is missing is said in the log itself.
 * @param lastSeq of the stored result; null: the attempt had none
 */
export async function recoverAttemptLog(
  host: AttemptHost,
  held: HeldAttempt,
  lastSeq: number | null,
  onRefused: (refusal: Refusal) => void,
): Promise<AttemptLog> {
  const wasThere = existsSync(spoolFolder(host, held));
  const log = await openAttemptLog(host, held, null, onRefused);
  const { spool } = log;
  if (lastSeq !== null && spool.lastSeq < lastSeq) {
    spool.gap(-1, { lines: lastSeq - spool.lastSeq, reason: 'spool_lost' }, 'The end of this log was lost.');
  } else if (lastSeq === null && !wasThere) {
    spool.gap(-1, { lines: null, reason: 'spool_lost' }, "The runner's copy of this log was lost.");
  }
  return log;
}

/** Settings may ask for smaller batches than the server allows, never for larger ones. */
export function shippingLimits(host: AttemptHost, terms: ServerTerms): LinkLimits {
  const { maxBatchLines } = terms.limits;
  return { ...terms.limits, maxBatchLines: Math.min(maxBatchLines, host.logStream.maxBatchLines ?? maxBatchLines) };
}

function spoolFolder(host: AttemptHost, held: HeldAttempt): string {
  return join(host.spoolFolder, attemptKey(held));
}
