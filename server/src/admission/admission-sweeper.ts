import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Repeating } from '../platform/repeating.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { AdmissionService } from './admission.service.js';

/** Looks at everybody who waits, again and again, so that every event is optional. */
@Injectable()
export class AdmissionSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(AdmissionSweeper.name);
  private readonly sweeps: Repeating;

  constructor(
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
    private readonly admission: AdmissionService,
  ) {
    this.sweeps = new Repeating(() => this.sweep(), timing.sweepEveryMs);
  }

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.sweeps.stop();
  }

  private async sweep(): Promise<void> {
    try {
      await this.admission.sweep();
    } catch (error) {
      if (!this.sweeps.isStopped) this.logger.warn({ err: error }, 'a sweep over waiting jobs failed');
    }
  }
}
