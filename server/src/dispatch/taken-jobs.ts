import type { ClaimId, JobId, OrganizationId } from '@dibs/shared';

/** Jobs remembered in each of two generations: enough for claims that come too late while the winner's job runs. */
const GENERATION_SIZE = 20_000;

export interface Taken {
  /** null: granted to a standing claim. */
  readonly claimId: ClaimId | null;
  readonly organizationId: OrganizationId;
  /** Grows with every job that is taken. */
  readonly serial: number;
  /** The statement that decides about it is under way. */
  readonly isPending: boolean;
}

type Entry = { -readonly [Property in keyof Taken]: Taken[Property] };

/**
 * Jobs that were claimed or granted a moment ago: losers are refused without asking the database, and a read of the
 * queue that began before the commit cannot bring them back.
 *
 * Two maps of which the older is dropped whole: taking the oldest entry out of one map, a million times, would step
 * over the holes of all those taken out before.
 */
export class TakenJobs {
  private young = new Map<JobId, Entry>();
  private old = new Map<JobId, Entry>();
  private lastSerial = 0;

  /** The number of the job that was taken last. */
  get serial(): number {
    return this.lastSerial;
  }

  get(jobId: JobId): Taken | undefined {
    return this.young.get(jobId) ?? this.old.get(jobId);
  }

  add(jobId: JobId, claimId: ClaimId | null, organizationId: OrganizationId, isPending: boolean): void {
    this.lastSerial += 1;
    this.young.set(jobId, { claimId, organizationId, serial: this.lastSerial, isPending });
    if (this.young.size < GENERATION_SIZE) return;
    this.old = this.young;
    this.young = new Map();
  }

  /** Anew, because a read of the queue may have begun before the commit. */
  decided(jobId: JobId, claimId: ClaimId | null, organizationId: OrganizationId): void {
    const taken = this.young.get(jobId);
    if (taken?.claimId !== claimId) return this.add(jobId, claimId, organizationId, false);
    taken.serial = this.lastSerial += 1;
    taken.isPending = false;
  }

  delete(jobId: JobId): void {
    this.young.delete(jobId);
    this.old.delete(jobId);
  }
}
