import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { SessionService } from './session.service.js';

/**
 * Looks for sessions nobody hears of any more: those of a server that was killed, and those of runners that stopped
 * renewing behind an open socket. Safe with several servers, because only silence counts and not whose socket it is.
 */
@Injectable()
export class SilenceSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SilenceSweeper.name);
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly sessions: SessionService,
    @Inject(TIMING_SETTINGS) private readonly timing: TimingSettings,
  ) {}

  onApplicationBootstrap(): void {
    this.next();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer ?? undefined);
    await this.running;
  }

  private next(): void {
    if (this.stopped) return;
    const { sweepEveryMs } = this.timing;
    const dueAt = performance.now() + sweepEveryMs;
    this.timer = setTimeout(() => {
      // late, because this process was stopped or overloaded: what runners said meanwhile is still to be read
      const wasStalled = performance.now() - dueAt > sweepEveryMs;
      this.running = (wasStalled ? Promise.resolve() : this.sweep()).finally(() => this.next());
    }, sweepEveryMs);
  }

  private async sweep(): Promise<void> {
    try {
      await this.sessions.closeSilent();
    } catch (error) {
      this.logger.warn({ err: error }, 'silent sessions could not be closed');
    }
  }
}
