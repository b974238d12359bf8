import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CallerStanding } from '../auth/caller-standing.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { LiveAudience } from './live-audience.js';

/** A ticket is checked once; an open socket lives for days. So whoever it belongs to is asked for again and again. */
@Injectable()
export class RevocationWatch implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(RevocationWatch.name);
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly audience: LiveAudience,
    private readonly standing: CallerStanding,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
  ) {}

  onModuleInit(): void {
    this.schedule();
  }

  onModuleDestroy(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => void this.check(), this.timing.principalRecheckMs);
  }

  private async check(): Promise<void> {
    try {
      const fallen = await this.standing.fallen(this.audience.all());
      fallen.forEach((viewer) => viewer.disconnect());
    } catch (error) {
      // the database is away: nobody can be judged, and the next check is a moment later
      this.logger.warn({ err: error }, 'could not check who may stay connected');
    } finally {
      this.schedule();
    }
  }
}
