import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventBus } from '../events/event-bus.js';
import type { ModuleRunChanged } from '../events/domain-events.js';
import { Repeating } from '../platform/repeating.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { ScopeRunProgress } from './scope-run-progress.js';
import { ScopeRunRepository, type ScopeRunKey } from './scope-run.repository.js';

const RUNS_AT_ONCE = 100;
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** A look that is under way, and whether something happened meanwhile that it may have missed. */
interface Look {
  readonly done: Promise<void>;
  isOutdated: boolean;
}

/**
 * When a run of a stack or namespace is looked at: as soon as a run of one of its modules changes, on whichever server,
 * and with every sweep, which makes that hint optional.
 */
@Injectable()
export class ScopeRunDriver implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ScopeRunDriver.name);
  private readonly sweeps: Repeating;
  private readonly unsubscribe: () => void;
  /** By run. */
  private readonly looks = new Map<string, Look>();
  private readonly finding = new Set<Promise<void>>();

  constructor(
    private readonly runs: ScopeRunRepository,
    private readonly progress: ScopeRunProgress,
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
    bus: EventBus,
  ) {
    this.sweeps = new Repeating(() => this.sweep(), timing.sweepEveryMs);
    this.unsubscribe = bus.on('module_run.changed', (event) => {
      if (this.sweeps.isStopped) return;
      const work: Promise<void> = this.afterModuleRun(event).finally(() => this.finding.delete(work));
      this.finding.add(work);
    });
  }

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  async onModuleDestroy(): Promise<void> {
    const swept = this.sweeps.stop();
    this.unsubscribe();
    await swept;
    await Promise.all(this.finding);
    await Promise.all([...this.looks.values()].map(({ done }) => done));
  }

  /** Takes the run on. Many calls for one run while it is looked at are one more look. Never throws: the sweep will look. */
  look(key: ScopeRunKey): Promise<void> {
    const under = this.looks.get(key.id);
    if (under !== undefined) {
      under.isOutdated = true;
      return under.done;
    }
    const look: Look = { done: Promise.resolve().then(() => this.lookUntilCurrent(key, look)), isOutdated: false };
    this.looks.set(key.id, look);
    return look.done;
  }

  private async lookUntilCurrent(key: ScopeRunKey, look: Look): Promise<void> {
    try {
      do {
        look.isOutdated = false;
        await this.progress.drive(key);
      } while (look.isOutdated && !this.sweeps.isStopped);
    } catch (error) {
      if (!this.sweeps.isStopped) this.logger.warn({ err: error, runId: key.id }, 'a run could not be taken on');
    } finally {
      this.looks.delete(key.id);
    }
  }

  private async sweep(): Promise<void> {
    try {
      for (let after = NO_ID; !this.sweeps.isStopped;) {
        const open = await this.runs.open(after, RUNS_AT_ONCE);
        for (const key of open) await this.look(key);
        if (open.length < RUNS_AT_ONCE) return;
        after = open.at(-1)!.id;
      }
    } catch (error) {
      if (!this.sweeps.isStopped) this.logger.warn({ err: error }, 'runs could not be listed; the next sweep will');
    }
  }

  private async afterModuleRun({ organizationId, runId }: ModuleRunChanged): Promise<void> {
    try {
      const key = await this.runs.ofModuleRun(organizationId, runId);
      if (key !== null) await this.look(key);
    } catch (error) {
      if (!this.sweeps.isStopped) this.logger.warn({ err: error, runId }, 'what a run is part of was not found');
    }
  }
}
