import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { OrganizationId, OrganizationView, UpdateOrganizationBody } from '@dibs/shared';
import { AdmissionService } from '../admission/admission.service.js';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { OrganizationEntity } from './organization.entity.js';

/** What owners and administrators may read and set of their own organization. */
@Injectable()
export class OrganizationService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: AuditLog,
    private readonly admission: AdmissionService,
  ) {}

  async get(id: OrganizationId): Promise<OrganizationView> {
    return view(await this.dataSource.manager.findOneByOrFail(OrganizationEntity, { id }));
  }

  /** Jobs in the queue and on runners stay where they are; a new quota counts for those that come next. */
  async update(
    caller: Caller,
    { name, maxRunningJobs, logLimitMib }: UpdateOrganizationBody,
  ): Promise<OrganizationView> {
    const { organizationId: id } = caller;
    const change = {
      ...(name !== undefined && { name }),
      ...(maxRunningJobs !== undefined && { maxRunningJobs }),
      ...(logLimitMib !== undefined && { logLimitMib }),
    };
    if (Object.keys(change).length === 0) return this.get(id);
    const updated = await this.dataSource.transaction(async (manager) => {
      await manager.update(OrganizationEntity, { id }, change);
      await this.audit.write(manager, {
        ...by(caller),
        action: 'organization.updated',
        target: id,
        data: change,
      });
      return view(await manager.findOneByOrFail(OrganizationEntity, { id }));
    });
    if (maxRunningJobs !== undefined) await this.admission.quotaChanged(id);
    return updated;
  }
}

function view({ id, name, maxRunningJobs, logLimitMib }: OrganizationEntity): OrganizationView {
  return { id, name, maxRunningJobs, logLimitMib };
}
