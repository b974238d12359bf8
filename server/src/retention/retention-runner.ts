import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { logFloorMs } from '../domain/logs/log-floor.js';
import { ArchiveQueueRepository } from '../log-archive/archive-queue.repository.js';
import { ArchiveRemovalRepository } from '../log-archive/archive-removal.repository.js';
import { LOG_ARCHIVE } from '../log-archive/log-archive.token.js';
import type { ObjectStore } from '../log-archive/store/object-store.js';
import type { LogPartition } from '../logs/partitions/log-partition.repository.js';
import { LogPartitions } from '../logs/partitions/log-partitions.js';
import { firstIdAt } from '../domain/logs/id-time.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { Repeating } from '../platform/repeating.js';
import { JobRemovalRepository, type RemovedJobs } from './job-removal.repository.js';
import { LogRemovalRepository } from './log-removal.repository.js';
import { RetentionRepository, type RetentionStanding } from './retention.repository.js';

const RUN_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;
const NO_ID = firstIdAt(0);

/** Another server is removing: this one leaves it to it. */
class Elsewhere extends Error {}

/**
 * Removes what organizations want to keep no longer. First it is settled, for each, up to which job logs go, and from
 * then on readers are told so; then partitions that nobody wants are dropped; then rows are deleted, some hundred jobs in a
 * transaction. Whatever ends it, the next run goes on where it stopped.
 */
@Injectable()
export class RetentionRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RetentionRunner.name);
  private readonly runs = new Repeating(() => this.runSafely(), RUN_EVERY_MS);
  private readonly removed;
  private readonly completedAt;

  constructor(
    private readonly standings: RetentionRepository,
    private readonly logs: LogRemovalRepository,
    private readonly jobs: JobRemovalRepository,
    private readonly partitions: LogPartitions,
    @Inject(LOG_ARCHIVE) private readonly archive: ObjectStore | null,
    private readonly archiveQueue: ArchiveQueueRepository,
    private readonly archived: ArchiveRemovalRepository,
    metrics: Metrics,
  ) {
    this.removed = metrics.counter('dibs_retention_removed_total', 'What retention removed', ['what']);
    this.completedAt = metrics.gauge(
      'dibs_retention_completed_timestamp_seconds',
      'When this server last found nothing more to remove; 0: not since its start',
    );
  }

  onApplicationBootstrap(): void {
    this.runs.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.runs.stop();
  }

  /** One whole run. @param nowMs the clock, for tests */
  async run(nowMs = Date.now()): Promise<void> {
    const partitions = await this.partitions.list();
    for (const standing of await this.standings.standings()) await this.raiseFloor(standing, partitions, nowMs);
    for (const partition of partitions) if (partition.toMs < nowMs - DAY_MS) await this.dropUnwanted(partition);
    for (const standing of await this.standings.standings()) {
      await this.removeLogs(standing, nowMs);
      await this.removeArchived(standing, nowMs);
      if (standing.jobDays !== null) await this.removeJobs(standing, nowMs - standing.jobDays * DAY_MS);
    }
  }

  private async runSafely(): Promise<void> {
    try {
      await this.run();
      this.completedAt.set(Date.now() / 1000);
    } catch (error) {
      if (error instanceof Elsewhere) return this.logger.debug('another server is removing');
      this.logger.warn({ err: error }, 'retention was interrupted; it goes on in an hour');
    }
  }

  private async raiseFloor(
    { organizationId, logDays, logMib }: RetentionStanding,
    partitions: readonly LogPartition[],
    nowMs: number,
  ): Promise<void> {
    const tooMuchBeforeMs = logMib === null ? null : await this.standings.tooMuchBefore(organizationId, logMib * MIB);
    const wantedMs = logFloorMs({ nowMs, days: logDays, tooMuchBeforeMs, partitions });
    // beyond that nobody knows what is to be archived first
    const floorMs = this.archive === null ? wantedMs : Math.min(wantedMs, await this.archiveQueue.sweptToMs());
    if (mine(await this.standings.raiseLogFloor(organizationId, floorMs))) {
      const before = new Date(floorMs).toISOString();
      this.logger.log({ organizationId, before }, 'logs of jobs submitted before are removed');
    }
  }

  private async dropUnwanted(partition: LogPartition): Promise<void> {
    if (await this.logs.isWanted(partition)) return;
    if (!(await this.partitions.drop(partition))) return;
    await this.logs.passOver(partition);
    this.removed.inc({ what: 'partition' });
  }

  private async removeLogs(standing: RetentionStanding, nowMs: number): Promise<void> {
    const { organizationId, logDays, logMib } = standing;
    let chunks = 0;
    const all = async (next: () => Promise<{ chunks: number; isLast: boolean } | null>): Promise<void> => {
      for (let isLast = false; !isLast && !this.runs.isStopped;) {
        const removed = mine(await next());
        chunks += removed.chunks;
        isLast = removed.isLast;
      }
    };
    if (standing.logRemoved < standing.logFloor) await all(() => this.logs.removeNext(standing));
    if (logDays !== null || logMib !== null) {
      const endedBefore = new Date(nowMs - (logDays ?? 1) * DAY_MS);
      await all(() => this.logs.removeRetained(organizationId, endedBefore));
    }
    if (chunks === 0) return;
    this.removed.inc({ what: 'log_chunk' }, chunks);
    this.logger.log({ organizationId, chunks }, 'log chunks removed');
  }

  private async removeArchived({ organizationId, archiveDays }: RetentionStanding, nowMs: number): Promise<void> {
    if (this.archive === null || archiveDays === null) return;
    let logs = 0;
    for (let isLast = false; !isLast && !this.runs.isStopped;) {
      const removed = await this.archived.removeNext(organizationId, nowMs - archiveDays * DAY_MS);
      logs += removed.logs;
      isLast = removed.isLast;
    }
    if (logs === 0) return;
    this.removed.inc({ what: 'archived_log' }, logs);
    this.logger.log({ organizationId, logs, afterDays: archiveDays }, 'archived logs removed');
  }

  private async removeJobs({ organizationId, jobDays }: RetentionStanding, endedBeforeMs: number): Promise<void> {
    const [end, endedBefore] = [firstIdAt(endedBeforeMs), new Date(endedBeforeMs)];
    let jobs = 0;
    for (let after: string | null = NO_ID; after !== null && !this.runs.isStopped;) {
      const page: RemovedJobs = mine(await this.jobs.removeNext(organizationId, after, end, endedBefore));
      jobs += page.removed;
      after = page.next;
    }
    if (jobs === 0) return;
    this.removed.inc({ what: 'job' }, jobs);
    this.logger.log({ organizationId, jobs, afterDays: jobDays }, 'jobs removed');
  }
}

/** @throws Elsewhere */
function mine<T>(done: T | null): T {
  if (done === null) throw new Elsewhere();
  return done;
}
