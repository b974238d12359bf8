import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';
import { LogReader } from '../logs/log-reader.js';
import { Repeating } from '../platform/repeating.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { LogIndexRepository, type SignedLog, type UnsignedLog } from './log-index.repository.js';
import { LAST_ID } from './search-position.js';
import { SignedLogMaker } from './sign-log.js';

/** Jobs that this server ended and that wait for their turn; of more of them the sweep hears. */
const MOST_WAITING = 10_000;
const JOBS_AT_ONCE = 200;
const SWEPT_AT_ONCE = 2_000;
/** Several small logs are stored by one statement, and hardly ever more than this. */
const MOST_UNSTORED_BYTES = 256 * 1024;
/** Claims are granted by the same process: the worker rests for so many times as long as it worked, */
const REST = 3;
/** at the latest after so long. */
const MOST_WORK_MS = 10;

/**
 * Signs the logs of jobs that have ended, and keeps the line that tells why one failed. Never while lines arrive: nothing
 * waits for it, because a log without a signature is searched itself. It hears of jobs that end on this server, and a
 * sweep through all jobs, a slice now and then, finds those that were missed: by a restart, or from before there were
 * signatures; and forgets those that retention removed.
 */
@Injectable()
export class LogIndexer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(LogIndexer.name);
  private readonly ended = new Set<JobId>();
  private readonly rounds: Repeating;
  private readonly sweeps: Repeating;
  private readonly unsubscribe: () => void;
  /** null: the next slice is that of the newest jobs. */
  private sweptTo: JobId | null = null;
  private workedMs = 0;

  constructor(
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
    private readonly repository: LogIndexRepository,
    private readonly reader: LogReader,
    bus: EventBus,
  ) {
    this.rounds = new Repeating(() => this.guarded(() => this.round()), timing.sweepEveryMs / 5);
    this.sweeps = new Repeating(() => this.guarded(() => this.sweep()), timing.sweepEveryMs);
    this.unsubscribe = bus.on('job.ended', ({ jobId, hasNoLog }) => {
      if (!hasNoLog && this.ended.size < MOST_WAITING) this.ended.add(jobId);
    });
  }

  onApplicationBootstrap(): void {
    this.rounds.start();
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.unsubscribe();
    await Promise.all([this.rounds.stop(), this.sweeps.stop()]);
  }

  private async round(): Promise<void> {
    while (this.ended.size > 0 && !this.rounds.isStopped) {
      const ids = [...this.ended].slice(0, JOBS_AT_ONCE);
      ids.forEach((id) => this.ended.delete(id));
      await this.sign(await this.repository.unsignedOf(ids));
    }
  }

  private async sweep(): Promise<void> {
    // what ended a moment ago waits for the rounds of the server that ended it
    const endedForSeconds = (12 * this.timing.sweepEveryMs) / 1000;
    const before = this.sweptTo ?? LAST_ID;
    await this.repository.forgetBefore(before, SWEPT_AT_ONCE);
    const { logs, next } = await this.repository.unsignedBefore(before, SWEPT_AT_ONCE, endedForSeconds);
    await this.sign(logs);
    this.sweptTo = next;
  }

  private async sign(logs: readonly UnsignedLog[]): Promise<void> {
    let unstored: SignedLog[] = [];
    let bytes = 0;
    for (const log of logs) {
      if (this.rounds.isStopped) return;
      const signed = await this.signOne(log);
      unstored.push(signed);
      bytes += signed.signatures.reduce((sum, { bits }) => sum + bits.length, 0);
      if (bytes < MOST_UNSTORED_BYTES) continue;
      await this.repository.keep(unstored);
      [unstored, bytes] = [[], 0];
    }
    if (unstored.length > 0) await this.repository.keep(unstored);
  }

  private async signOne(log: UnsignedLog): Promise<SignedLog> {
    const maker = new SignedLogMaker(log);
    const range = { after: 0, before: log.lastSeq + 1, step: null };
    for await (const page of this.reader.pages(log.jobId, log.attempt, range)) {
      const beganAt = performance.now();
      for (const chunk of page) maker.add(chunk);
      await this.restAfter(performance.now() - beganAt);
    }
    return maker.finish();
  }

  private async restAfter(ms: number): Promise<void> {
    this.workedMs += ms;
    if (this.workedMs < MOST_WORK_MS) return;
    const restMs = this.workedMs * REST;
    this.workedMs = 0;
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }

  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.warn({ err: error }, 'logs could not be signed; tried again later');
    }
  }
}
