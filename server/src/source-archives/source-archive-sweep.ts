import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Repeating } from '../platform/repeating.js';
import { SourceArchiveRepository } from './source-archive.repository.js';

const SWEEP_EVERY_MS = 3_600_000;
const KEPT_MS = 24 * 3_600_000;

/**
 * Removes archives a day after their last use, and what is left of uploads that were cut off. To be referred to is a use, noted
 * hourly; to be named by settings or a job is one at that moment, so a removal never meets what has just been named.
 * Several servers may sweep at a time.
 */
@Injectable()
export class SourceArchiveSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SourceArchiveSweep.name);
  private readonly sweeps = new Repeating(() => this.sweepSafely(), SWEEP_EVERY_MS);

  constructor(private readonly archives: SourceArchiveRepository) {}

  onApplicationBootstrap(): void {
    this.sweeps.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.sweeps.stop();
  }

  /** @param nowMs the clock, for tests */
  async sweep(nowMs = Date.now()): Promise<void> {
    await this.archives.markUsed(new Date(nowMs - SWEEP_EVERY_MS), new Date(nowMs));
    const removed = await this.archives.removeUnused(new Date(nowMs - KEPT_MS));
    for (const archive of removed) this.logger.log(archive, 'a source archive that nothing refers to was removed');
    await this.archives.removePieces(new Date(nowMs - KEPT_MS));
  }

  private async sweepSafely(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.logger.warn({ err: error }, 'source archives were not swept; it is tried again in an hour');
    }
  }
}
