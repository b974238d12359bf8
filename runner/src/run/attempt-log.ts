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

/** The log of an attempt that begins. @throws when the disk has no place for it */
export function createAttemptLog(
  host: AttemptHost,
  held: HeldAttempt,
  terms: ServerTerms,
  onRefused: (refusal: Refusal) => void,
): AttemptLog {
  const folder = spoolFolder(host, held);
  const isMade = host.paths.place('spool', folder);
  return withShipper(host, held, terms, Spool.create(folder, {}, isMade), onRefused);
}

/** For what must be said about an attempt that cannot begin because the disk has no place for its log. */
export function createMemoryLog(
  host: AttemptHost,
  held: HeldAttempt,
  terms: ServerTerms,
  onRefused: (refusal: Refusal) => void,
): AttemptLog {
  return withShipper(host, held, terms, Spool.inMemory(), onRefused);
}

/** `terms` null: left over from an earlier process, nothing is added any more. */
function withShipper(
  host: AttemptHost,
  held: HeldAttempt,
  terms: ServerTerms | null,
  spool: Spool,
  onRefused: (refusal: Refusal) => void,
): AttemptLog {
  const { logStream, timeScale, link, uplink } = host;
  const { jobId, attempt, claimToken } = held;
  const shipper = new LogShipper({
    spool,
    send: (batch: LineBatch): Promise<LogReply> =>
      uplink.send(sizeOf(batch), () =>
        link.request('job:log', { jobId, attempt, claimToken, ...batch }, host.ask.timeoutMs),
      ),
    batchBytes: () => uplink.batchBytes,
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
  const spool = await Spool.open(spoolFolder(host, held)).catch((error: unknown) => {
    // a folder that cannot be read must not keep the end of the job from being told
    host.log.error({ err: error, jobId: held.jobId, attempt: held.attempt }, 'the spool cannot be opened');
    return Spool.inMemory();
  });
  const log = withShipper(host, held, null, spool, onRefused);
  if (lastSeq !== null && spool.lastSeq < lastSeq) {
    spool.gapWhenKnown({ lines: lastSeq - spool.lastSeq, reason: 'spool_lost' }, 'The end of this log was lost.');
  } else if (lastSeq === null && (!wasThere || spool.isInMemory)) {
    spool.gapWhenKnown({ lines: null, reason: 'spool_lost' }, "The runner's copy of this log was lost.");
  }
  return log;
}

/** About: counting exactly would cost as much as encoding it. */
function sizeOf({ lines }: LineBatch): number {
  return lines.reduce((bytes, line) => bytes + line[3].length + LINE_OVERHEAD_BYTES, 0);
}

/** Time, step, stream and punctuation of a line. */
const LINE_OVERHEAD_BYTES = 32;

/** Settings may ask for smaller batches than the server allows, never for larger ones. */
export function shippingLimits(host: AttemptHost, terms: ServerTerms): LinkLimits {
  const { maxBatchLines } = terms.limits;
  return { ...terms.limits, maxBatchLines: Math.min(maxBatchLines, host.logStream.maxBatchLines ?? maxBatchLines) };
}

function spoolFolder(host: AttemptHost, held: HeldAttempt): string {
  return join(host.spoolFolder, attemptKey(held));
}
