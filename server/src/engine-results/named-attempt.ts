import type { JobId, OrganizationId, RunnerId } from '@dibs/shared';

/** An attempt as whoever says that it holds it names it. */
export interface NamedAttempt {
  readonly organizationId: OrganizationId;
  readonly runnerId: RunnerId;
  readonly jobId: JobId;
  readonly attempt: number;
  readonly claimToken: string;
}
