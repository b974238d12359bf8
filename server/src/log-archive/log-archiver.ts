import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';
import { AppError } from '../platform/errors.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { Repeating } from '../platform/repeating.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { ArchiveQueueRepository, type ClaimedJob } from './archive-queue.repository.js';
import { ArchiveRemovalRepository } from './archive-removal.repository.js';
import { LogChanged } from './format/log-object-writer.js';
import { LOG_ARCHIVE } from './log-archive.token.js';
import { LogCopier } from './log-copier.js';
import { ArchiveError, type ObjectStore } from './store/object-store.js';

/** Of more jobs that ended here the sweep hears. */
const MOST_HEARD = 10_000;
/** Stores answer slowly and many at once; of each log a megabyte is in memory. */
const JOBS_AT_ONCE = 8;
const REMOVALS_AT_ONCE = 100;
const FIRST_PAUSE_SECONDS = 10;
const LONGEST_PAUSE_SECONDS = 900;

/**
 * Copies the logs of jobs that have ended to the archive, and removes what is to go from there. It hears of jobs that end
 * on this server; a sweep that all servers share finds the others. The queue is in the database: servers take
 * jobs from it in turn. While the archive fails, everything stays where it is and is tried again after pauses that grow.
 */
@Injectable()
export class LogArchiver implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(LogArchiver.name);
  private readonly rounds: Repeating;
  private readonly unsubscribe: () => void;
  private readonly ended = new Set<JobId>();
  private readonly copied;
  private readonly copiedBytes;
  private readonly waiting;
  /** In a row. */
  private failures = 0;
  private pausedUntilMs = 0;

  constructor(
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
    @Inject(LOG_ARCHIVE) private readonly store: ObjectStore | null,
    private readonly queue: ArchiveQueueRepository,
    private readonly removals: ArchiveRemovalRepository,
    private readonly copier: LogCopier,
    bus: EventBus,
    metrics: Metrics,
  ) {
    this.rounds = new Repeating(() => this.guarded(), timing.sweepEveryMs);
    this.unsubscribe = bus.on('job.ended', ({ jobId, hasNoLog }) => {
      if (store !== null && !hasNoLog && this.ended.size < MOST_HEARD) this.ended.add(jobId);
    });
    this.copied = metrics.counter('dibs_log_archive_jobs_total', 'Jobs whose logs were copied to the archive, or not', [
      'outcome',
    ]);
    this.copiedBytes = metrics.counter('dibs_log_archive_bytes_total', 'Compressed bytes written to the archive');
    this.waiting = metrics.gauge(
      'dibs_log_archive_waiting',
      'Jobs whose logs are to be copied to the archive: due now, or failed before; up to 10000',
      ['state'],
    );
  }

  onApplicationBootstrap(): void {
    if (this.store !== null) this.rounds.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe();
    await this.rounds.stop();
  }

  /** Everything that is due. */
  async round(): Promise<void> {
    const { store } = this;
    if (store === null) return;
    await this.enqueue();
    while (this.mayGoOn()) {
      const jobs = await this.queue.claim(JOBS_AT_ONCE);
      if (jobs.length === 0) break;
      const reasons = await Promise.all(jobs.map((job) => this.archive(job, store)));
      this.judge(reasons.filter((reason) => reason !== null));
    }
    while (this.mayGoOn()) {
      const names = await this.removals.claim(REMOVALS_AT_ONCE);
      if (names.length === 0) break;
      this.judge(await this.remove(names, store));
    }
    const { due, failed } = await this.queue.waiting();
    this.waiting.set({ state: 'due' }, due);
    this.waiting.set({ state: 'failed' }, failed);
  }

  private async enqueue(): Promise<void> {
    const ended = [...this.ended];
    if (ended.length > 0) {
      // the last lines of a log that is too long are cut a moment after its end
      await this.queue.add(ended, (2 * this.timing.sweepEveryMs) / 1000);
      ended.forEach((id) => this.ended.delete(id));
    }
    while ((await this.queue.sweep()) && !this.rounds.isStopped);
  }

  /** @returns why the archive did not take it; null: it did, or it is not its fault */
  private async archive(job: ClaimedJob, store: ObjectStore): Promise<string | null> {
    try {
      const attempts = await this.queue.attemptsOf(job.jobId);
      if (attempts === null) {
        await this.queue.later(job);
        return null;
      }
      for (const attempt of attempts) this.copiedBytes.inc(await this.copier.copy({ ...job, attempt }, store));
      await this.queue.done(job);
      if (attempts.length > 0) this.copied.inc({ outcome: 'copied' });
      return null;
    } catch (error) {
      // what is not even noted as failed is claimed again later
      return this.failed(job, error).catch(() => null);
    }
  }

  private async failed(job: ClaimedJob, error: unknown): Promise<string | null> {
    await this.queue.failed(job, this.pauseSeconds(job.failures));
    // neither is a fault of the archive, and the database tells of its own
    if (error instanceof LogChanged || error instanceof AppError) return null;
    this.copied.inc({ outcome: 'failed' });
    if (error instanceof ArchiveError) return error.message;
    const { organizationId, jobId } = job;
    this.logger.warn({ organizationId, jobId, reason: String(error) }, 'a log could not be archived; it stays');
    return null;
  }

  /** Those that could not be removed come up again. */
  private async remove(names: readonly string[], store: ObjectStore): Promise<string[]> {
    const removed: string[] = [];
    const reasons: string[] = [];
    for (const name of names) {
      try {
        await store.remove(name);
        removed.push(name);
      } catch (error) {
        if (!(error instanceof ArchiveError)) throw error;
        reasons.push(error.message);
        break;
      }
    }
    await this.removals.done(removed);
    return reasons;
  }

  /** One message for all that failed together, and then a pause for everything. */
  private judge([reason]: readonly string[]): void {
    if (reason === undefined) {
      this.failures = 0;
      return;
    }
    const retryInSeconds = this.pauseSeconds(this.failures);
    this.failures += 1;
    this.pausedUntilMs = performance.now() + retryInSeconds * 1000;
    const archive = this.store?.location;
    this.logger.warn({ archive, reason, retryInSeconds }, 'the log archive fails; logs stay in the database');
  }

  private pauseSeconds(failures: number): number {
    return Math.min(FIRST_PAUSE_SECONDS * 2 ** Math.min(failures, 20), LONGEST_PAUSE_SECONDS) * this.timing.timeScale;
  }

  private mayGoOn(): boolean {
    return !this.rounds.isStopped && performance.now() >= this.pausedUntilMs;
  }

  private async guarded(): Promise<void> {
    try {
      await this.round();
    } catch (error) {
      this.logger.warn({ reason: String(error) }, 'archiving logs was interrupted; it goes on in a moment');
    }
  }
}
