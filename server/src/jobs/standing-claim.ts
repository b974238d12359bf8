import type { InstanceId, RunnerId, SessionId } from '@dibs/shared';

/** A free slot of a connected instance, promised to a job that is about to be stored. */
export interface StandingClaim {
  readonly runnerId: RunnerId;
  readonly runnerName: string;
  readonly instanceId: InstanceId;
  readonly instanceName: string;
  readonly sessionId: SessionId;
  /** Secret of the attempt, made for it. */
  readonly claimToken: string;
  readonly leaseMs: number;
}
