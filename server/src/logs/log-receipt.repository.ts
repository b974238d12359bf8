import { Injectable } from '@nestjs/common';
import type { JobId, StepLogCount } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import type { StoredLogCount } from '../domain/logs/log-receipt.js';

export interface KeptReceipt {
  /** null: the runner did not say. */
  readonly counted: readonly StepLogCount[] | null;
  /** null: the stored lines were not counted yet. */
  readonly checked: CheckedLog | null;
}

export interface CheckedLog {
  readonly stored: StoredLogCount;
  readonly at: Date;
}

const RECEIPT: Statement = {
  name: 'log-receipt',
  text: 'SELECT counted, stored, checked_at FROM log_receipts WHERE job_id = $1 AND attempt = $2',
};

/** No row refers to its job by a key: the job is locked instead, and waited for where retention is removing it. */
const KEEP_STORED: Statement = {
  name: 'keep-stored-log-count',
  text: /* sql */ `
    INSERT INTO log_receipts AS r (job_id, attempt, stored, checked_at)
    SELECT id, $2::integer, $3::jsonb, clock_timestamp() FROM jobs WHERE id = $1 FOR KEY SHARE
    ON CONFLICT (job_id, attempt) DO UPDATE SET stored = EXCLUDED.stored, checked_at = EXCLUDED.checked_at
    RETURNING checked_at`,
};

interface Row {
  readonly counted: readonly StepLogCount[] | null;
  readonly stored: StoredLogCount | null;
  readonly checked_at: Date | null;
}

/** What is known of the logs of attempts that have ended. The caller has checked whose job it is. */
@Injectable()
export class LogReceiptRepository {
  constructor(private readonly database: Database) {}

  async read(jobId: JobId, attempt: number): Promise<KeptReceipt> {
    const [row] = await this.database.query<Row>(RECEIPT, [jobId, attempt]);
    const { counted = null, stored = null, checked_at: at = null } = row ?? {};
    return { counted, checked: stored && at ? { stored, at } : null };
  }

  /** @returns when, by the database's clock; null: the job was removed meanwhile */
  async keep(jobId: JobId, attempt: number, stored: StoredLogCount): Promise<Date | null> {
    const rows = await this.database.query<{ checked_at: Date }>(KEEP_STORED, [jobId, attempt, JSON.stringify(stored)]);
    return rows[0]?.checked_at ?? null;
  }
}
