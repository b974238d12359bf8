import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import { AppError } from '../platform/errors.js';
import { OpenRequests } from '../platform/open-requests.js';
import { LogReader } from './log-reader.js';
import { LogReceiptRepository, type CheckedLog, type KeptReceipt } from './log-receipt.repository.js';
import { jobNotFound } from './removed-log.js';
import { StoredLogCounter } from './stored-log-counter.js';
import { Turns } from './turns.js';

export interface EndedLog {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly lastSeq: number;
}

const TIME_LIMIT_MS = 20_000;

/**
 * Counts what is stored of a log, once it has ended and somebody asks, and keeps the result. Not while lines arrive: most
 * logs are never asked about, and hashing them would be paid by every line. One at a time, a megabyte in one go, because
 * claims are granted by the same process.
 */
@Injectable()
export class LogReceipts implements OnModuleDestroy {
  private readonly requests = new OpenRequests();
  private readonly turns = new Turns(1);

  constructor(
    private readonly repository: LogReceiptRepository,
    private readonly reader: LogReader,
  ) {}

  /** What is known without counting. */
  kept({ jobId, attempt }: EndedLog): Promise<KeptReceipt> {
    return this.repository.read(jobId, attempt);
  }

  /**
   * @param again true: count anew what was counted before
   * @throws AppError 404 `job_not_found` when it is removed meanwhile; 422 `log_receipt_too_long`; 503 `log_receipt_busy`
   *   when others are counted for so long
   */
  async receiptOf(
    log: EndedLog,
    again: boolean,
    gone: AbortSignal,
  ): Promise<Omit<KeptReceipt, 'checked'> & { readonly checked: CheckedLog }> {
    const { counted, checked } = await this.repository.read(log.jobId, log.attempt);
    if (checked && !again) return { counted, checked };
    const open = this.requests.begin(gone, TIME_LIMIT_MS);
    try {
      const endTurn = await this.turns.take(open.signal);
      if (endTurn === null) throw busy();
      try {
        return { counted, checked: await this.check(log, open.signal) };
      } finally {
        endTurn();
      }
    } finally {
      open.end();
    }
  }

  onModuleDestroy(): void {
    this.requests.endAll();
  }

  private async check({ jobId, attempt, lastSeq }: EndedLog, ended: AbortSignal): Promise<CheckedLog> {
    let counter = await this.count(jobId, attempt, ended);
    // the last cut of a log may come a moment after its end
    for (let tries = 1; counter.isDisturbed && tries < 3; tries += 1) counter = await this.count(jobId, attempt, ended);
    const stored = counter.result(lastSeq);
    const at = await this.repository.keep(jobId, attempt, stored);
    if (at === null) throw jobNotFound();
    return { stored, at };
  }

  private async count(jobId: JobId, attempt: number, ended: AbortSignal): Promise<StoredLogCounter> {
    const counter = new StoredLogCounter();
    const range = { after: 0, before: Infinity, step: null };
    for await (const page of this.reader.pages(jobId, attempt, range)) {
      if (ended.aborted) throw tooLong();
      for (const chunk of page) counter.add(chunk);
    }
    return counter;
  }
}

function tooLong(): AppError {
  const detail = `The log is too long to be counted within ${TIME_LIMIT_MS / 1000} s.`;
  return new AppError(422, 'log_receipt_too_long', detail);
}

function busy(): AppError {
  return new AppError(503, 'log_receipt_busy', 'Other logs are being counted. Try again in a moment.', {
    headers: { 'retry-after': '2' },
  });
}
