import { Injectable } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { Database } from '../database/database.js';
import { RUN_OF_JOB } from './module-run.sql.js';

/** The way from a job to its run. */
@Injectable()
export class RunOfJob {
  constructor(private readonly database: Database) {}

  /** @returns null: it is of none, or that run is gone */
  async find(organizationId: OrganizationId, jobId: JobId): Promise<string | null> {
    const [row] = await this.database.query<{ id: string }>(RUN_OF_JOB, [organizationId, jobId]);
    return row?.id ?? null;
  }
}
