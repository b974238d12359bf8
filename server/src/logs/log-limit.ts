import { Injectable, Logger } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { LogCutRepository } from './log-cut.repository.js';
import { OrganizationLogLimits } from './organization-log-limits.js';

/** Logs whose size is remembered; of others it is asked again. */
const MOST_REMEMBERED = 20_000;

interface LogSize {
  readonly attempt: number;
  /** As its organization said last. */
  limitBytes: number;
  /** null: another server, or an earlier process, stored its beginning. */
  bytes: number | null;
  cutting: Promise<void> | null;
}

export interface GrownLog {
  readonly organizationId: OrganizationId;
  readonly jobId: JobId;
  readonly attempt: number;
  /** Number of the first of the lines that were stored. */
  readonly firstSeq: number;
}

/**
 * Keeps each log within its limit: the first half stays, and of the rest as much of the end as there is room for. The
 * size is counted in memory as chunks are stored, so a log within its limit costs nothing. One beyond it is cut beside the
 * flow, an eighth of the limit at a time; if its runner prints faster than that, the acknowledgements of that log wait,
 * and nobody else's.
 */
@Injectable()
export class LogLimit {
  private readonly logger = new Logger(LogLimit.name);
  private readonly sizes = new Map<JobId, LogSize>();

  constructor(
    private readonly cuts: LogCutRepository,
    private readonly limits: OrganizationLogLimits,
  ) {}

  /** Lines were stored. */
  grew({ organizationId, jobId, attempt, firstSeq }: GrownLog, bytes: number): void {
    const limitBytes = this.limits.bytesOf(organizationId);
    let size = this.sizes.get(jobId);
    if (!size || size.attempt < attempt) {
      size = { attempt, limitBytes, bytes: firstSeq === 1 ? 0 : null, cutting: null };
      this.sizes.set(jobId, size);
      this.forgetOldest();
    }
    if (size.attempt !== attempt) return;
    size.limitBytes = limitBytes;
    if (size.bytes !== null) size.bytes += bytes;
    if (size.bytes === null || size.bytes > limitBytes) this.cut(jobId, size);
  }

  /** Resolves at once, unless this log is so far beyond its limit that it must be cut before more may come. */
  async room(jobId: JobId): Promise<void> {
    const size = this.sizes.get(jobId);
    if (size?.cutting && (size.bytes ?? 0) > (size.limitBytes * 17) / 16) await size.cutting;
  }

  /** Resolves when no cut of this log is on its way. */
  async settled(jobId: JobId): Promise<void> {
    await this.sizes.get(jobId)?.cutting;
  }

  private cut(jobId: JobId, size: LogSize): void {
    size.cutting ??= this.cutNow(jobId, size)
      .catch((error: unknown) => {
        // the next chunk tries again
        size.bytes = null;
        this.logger.warn({ err: error, jobId }, 'a log beyond its limit could not be cut');
      })
      .finally(() => (size.cutting = null));
  }

  private async cutNow(jobId: JobId, size: LogSize): Promise<void> {
    const { attempt, limitBytes } = size;
    size.bytes = await this.cuts.storedBytes(jobId, attempt);
    if (size.bytes <= limitBytes) return;
    await this.cuts.cut(jobId, attempt, limitBytes / 2, (limitBytes * 3) / 8);
    size.bytes = await this.cuts.storedBytes(jobId, attempt);
  }

  private forgetOldest(): void {
    for (const [jobId, { cutting }] of this.sizes) {
      if (this.sizes.size <= MOST_REMEMBERED) return;
      if (cutting === null) this.sizes.delete(jobId);
    }
  }
}
