import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { AdmissionService } from './admission.service.js';

/** Looks at everybody who waits, again and again, so that every event is optional. */
@Injectable()
export class AdmissionSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(AdmissionSweeper.name);
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
    private readonly admission: AdmissionService,
  ) {}

  onApplicationBootstrap(): void {
    this.next(0);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer ?? undefined);
    await this.running;
  }

  private next(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.sweep().finally(() => this.next(this.timing.sweepEveryMs));
    }, delayMs);
  }

  private async sweep(): Promise<void> {
    try {
      await this.admission.sweep();
    } catch (error) {
      if (!this.stopped) this.logger.warn({ err: error }, 'a sweep over waiting jobs failed');
    }
  }
}
