import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { mayBeOfRun } from '../domain/modules/module-job-spec.js';
import { EventBus } from '../events/event-bus.js';
import { Repeating } from '../platform/repeating.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { ModuleRunProgress } from './module-run-progress.js';
import { ModuleRunRepository, type RunKey } from './module-run.repository.js';
import { RunOfJob } from './run-of-job.js';

const RUNS_AT_ONCE = 100;
const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * When a run is looked at: as soon as a job of it has ended on this server, and with every sweep, which makes that hint
 * optional and finds approvals that have expired.
 */
@Injectable()
export class ModuleRunDriver implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ModuleRunDriver.name);
  private readonly sweeps: Repeating;
  private readonly unsubscribe: () => void;
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly runs: ModuleRunRepository,
    private readonly progress: ModuleRunProgress,
    private readonly runOfJob: RunOfJob,
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
    bus: EventBus,
  ) {
    this.sweeps = new Repeating(() => this.sweep(), timing.sweepEveryMs);
    this.unsubscribe = bus.on('job.ended', ({ organizationId, jobId, concurrencyKey }) => {
      // thousands of jobs a second may end that are of no run: those cost nothing here
      if (mayBeOfRun(concurrencyKey) && !this.sweeps.isStopped) this.keep(this.afterJob(organizationId, jobId));
    });
  }

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    const swept = this.sweeps.stop();
    this.unsubscribe();
    await swept;
    await Promise.all(this.running);
  }

  private async sweep(): Promise<void> {
    try {
      for (let after = NO_ID; !this.sweeps.isStopped;) {
        const due = await this.runs.due(after, RUNS_AT_ONCE);
        for (const key of due) await this.look(key);
        if (due.length < RUNS_AT_ONCE) return;
        after = due.at(-1)!.id;
      }
    } catch (error) {
      if (!this.sweeps.isStopped) this.logger.warn({ err: error }, 'runs could not be listed; the next sweep will');
    }
  }

  private async afterJob(organizationId: OrganizationId, jobId: JobId): Promise<void> {
    try {
      const id = await this.runOfJob.find(organizationId, jobId);
      if (id !== null) await this.look({ organizationId, id });
    } catch (error) {
      this.logger.warn({ err: error, jobId }, 'the run of a job was not found; the next sweep will look');
    }
  }

  private async look(key: RunKey): Promise<void> {
    try {
      await this.progress.drive(key);
    } catch (error) {
      if (!this.sweeps.isStopped) this.logger.warn({ err: error, runId: key.id }, 'a run could not be taken on');
    }
  }

  private keep(work: Promise<void>): void {
    this.running.add(work);
    void work.finally(() => this.running.delete(work));
  }
}
