import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { OrganizationId, RetentionRule, RetentionView } from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { RetentionRepository } from './retention.repository.js';

const SET = `
  INSERT INTO retention (organization_id, log_days, log_mib, job_days, archive_days) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (organization_id) DO UPDATE
    SET log_days = EXCLUDED.log_days, log_mib = EXCLUDED.log_mib, job_days = EXCLUDED.job_days,
      archive_days = EXCLUDED.archive_days`;

@Injectable()
export class RetentionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: AuditLog,
    private readonly repository: RetentionRepository,
  ) {}

  get(organizationId: OrganizationId): Promise<RetentionView> {
    return this.repository.view(organizationId);
  }

  /** What is removed already does not come back. */
  async set(caller: Caller, { logDays, logMib, archiveDays, jobDays }: RetentionRule): Promise<RetentionView> {
    const { organizationId } = caller;
    await this.dataSource.transaction(async (manager) => {
      await manager.query(SET, [organizationId, logDays, logMib, jobDays, archiveDays]);
      const data = { logDays, logMib, archiveDays, jobDays };
      await this.audit.write(manager, { ...by(caller), action: 'retention.updated', target: organizationId, data });
    });
    return this.get(organizationId);
  }
}
