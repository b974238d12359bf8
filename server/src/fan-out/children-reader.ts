import { Injectable } from '@nestjs/common';
import type { ChildrenView, JobId, OrganizationId } from '@dibs/shared';
import { Database } from '../database/database.js';
import type { ChildrenByState } from '../domain/job/fan-out.js';
import { SUMMARIZE_CHILDREN } from './fan-out.sql.js';

interface SummaryRow {
  readonly batchSize: number | null;
  readonly skipped: readonly string[];
  readonly byState: ChildrenByState;
}

/** The roll-up of a fan-out, as its page shows it. */
@Injectable()
export class ChildrenReader {
  constructor(private readonly database: Database) {}

  /** @returns null: the job was not fanned out, or not yet */
  async summarize(organizationId: OrganizationId, jobId: JobId): Promise<ChildrenView | null> {
    const [row] = await this.database.query<SummaryRow>(SUMMARIZE_CHILDREN, [organizationId, jobId]);
    if (row === undefined) return null;
    const total = Object.values(row.byState).reduce((sum, count) => sum + count, 0);
    return { total, byState: row.byState, batchSize: row.batchSize, skipped: row.skipped };
  }
}
