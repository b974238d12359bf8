import { Module } from '@nestjs/common';
import { AdmissionPolicy } from './admission-policy.js';
import { AdmissionSweeper } from './admission-sweeper.js';
import { AdmissionRepository } from './admission.repository.js';
import { AdmissionService } from './admission.service.js';
import { OrganizationQuotas } from './organization-quotas.js';

/** What must not be queued yet, and when it may: apart from dispatch, which takes the queue as it is. */
@Module({
  providers: [AdmissionRepository, AdmissionService, AdmissionPolicy, AdmissionSweeper, OrganizationQuotas],
  exports: [AdmissionService, AdmissionPolicy],
})
export class AdmissionModule {}
