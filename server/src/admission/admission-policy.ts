import { Injectable } from '@nestjs/common';
import type { JobReason, JobSpec, OrganizationId } from '@dibs/shared';
import { admissionReason } from '../domain/job/admission.js';
import { fanOutInitialState } from '../domain/job/fan-out.js';
import { OrganizationQuotas } from './organization-quotas.js';

/** The state a new job is stored in. `waiting`: something must happen before it may be queued. */
export type AdmissionState =
  { readonly state: 'queued'; readonly reason: null } | { readonly state: 'waiting'; readonly reason: JobReason };

@Injectable()
export class AdmissionPolicy {
  constructor(private readonly quotas: OrganizationQuotas) {}

  initialState(organizationId: OrganizationId, spec: Pick<JobSpec, 'concurrency' | 'fanOut'>): AdmissionState {
    const reason = admissionReason(spec, { hasQuota: this.quotas.has(organizationId) });
    if (reason !== null) return { state: 'waiting', reason };
    return fanOutInitialState(spec) ?? { state: 'queued', reason };
  }
}
