import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Repeating } from '../platform/repeating.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { SourceChecker } from './source-checker.js';
import { SourceWatchRepository, type DueWatch } from './source-watch.repository.js';

const WATCHES_AT_ONCE = 500;
/** Questions to runners that this server waits for at the same time. */
const LOOKS_AT_ONCE = 16;
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** When sources are looked at: with every sweep those that are due. A slow repository keeps only its own place taken. */
@Injectable()
export class SourceWatchDriver implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SourceWatchDriver.name);
  private readonly sweeps: Repeating;
  /** By what is looked at, so that nothing is asked twice at a time. */
  private readonly looks = new Map<string, Promise<void>>();

  constructor(
    private readonly watches: SourceWatchRepository,
    private readonly checker: SourceChecker,
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
  ) {
    this.sweeps = new Repeating(() => this.sweep(), timing.sweepEveryMs);
  }

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  /** Does not wait for runners that have not answered: what they say is asked again after the claim. */
  onModuleDestroy(): Promise<void> {
    return this.sweeps.stop();
  }

  private async sweep(): Promise<void> {
    try {
      for (let after = NO_ID; !this.sweeps.isStopped;) {
        const due = await this.watches.due(after, WATCHES_AT_ONCE);
        for (const [key, same] of bySource(due)) await this.begin(key, same);
        if (due.length < WATCHES_AT_ONCE) return;
        after = due.at(-1)!.moduleId;
      }
    } catch (error) {
      if (!this.sweeps.isStopped) this.logger.warn({ err: error }, 'sources could not be listed; the next sweep will');
    }
  }

  private async begin(key: string, same: readonly DueWatch[]): Promise<void> {
    while (this.looks.size >= LOOKS_AT_ONCE && !this.sweeps.isStopped) await Promise.race(this.looks.values());
    if (this.sweeps.isStopped || this.looks.has(key)) return;
    const look = this.look(same).finally(() => this.looks.delete(key));
    this.looks.set(key, look);
  }

  private async look(same: readonly DueWatch[]): Promise<void> {
    try {
      await this.checker.check(same);
    } catch (error) {
      if (!this.sweeps.isStopped) this.logger.warn({ err: error }, 'a source could not be looked at; it will be again');
    }
  }
}

function bySource(watches: readonly DueWatch[]): Map<string, DueWatch[]> {
  const groups = new Map<string, DueWatch[]>();
  for (const watch of watches) {
    const key = JSON.stringify([watch.organizationId, watch.url, watch.revision, watch.versions]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [watch]);
    else group.push(watch);
  }
  return groups;
}
