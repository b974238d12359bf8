import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { AdmissionRepository } from './admission.repository.js';

/**
 * Which organizations have a quota, in memory, because every submit asks. Another server's change is known here at the
 * next sweep; until then a job may slip past a quota that was set a moment ago, never past one that stands.
 */
@Injectable()
export class OrganizationQuotas implements OnModuleInit {
  private limited: ReadonlySet<OrganizationId> = new Set();

  constructor(private readonly repository: AdmissionRepository) {}

  async onModuleInit(): Promise<void> {
    await this.refresh();
  }

  async refresh(): Promise<void> {
    this.limited = new Set(await this.repository.organizationsWithQuota());
  }

  has(organizationId: OrganizationId): boolean {
    return this.limited.has(organizationId);
  }
}
