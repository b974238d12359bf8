import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Metrics } from '../../platform/metrics/metrics.js';
import { Repeating } from '../../platform/repeating.js';
import { LOG_SETTINGS, type LogSettings } from '../../platform/settings.js';
import { LogPartitionRepository, type LogPartition } from './log-partition.repository.js';

const LOOK_EVERY_MS = 3_600_000;

/** Makes the partitions of the next two weeks. Without them lines are stored all the same, in the partition for the rest. */
@Injectable()
export class LogPartitions implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(LogPartitions.name);
  private readonly looks = new Repeating(() => this.look(), LOOK_EVERY_MS);
  /** Where the last partition ends. */
  private endMs = 0;

  constructor(
    @Inject(LOG_SETTINGS) private readonly settings: LogSettings,
    private readonly repository: LogPartitionRepository,
    metrics: Metrics,
  ) {
    metrics.gauge(
      'dibs_log_partitions_ahead_seconds',
      'Time until log lines have no partition of their own; a server makes those of 14 days',
      [],
      (gauge) => gauge.set(Math.max(0, (this.endMs - Date.now()) / 1000)),
    );
  }

  /** The first time before the server listens. */
  async onApplicationBootstrap(): Promise<void> {
    await this.look();
    this.looks.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.looks.stop();
  }

  /** In order of time, without the one for the rest. */
  list(): Promise<LogPartition[]> {
    return this.repository.list();
  }

  /** @returns false: its lock was not to be had, or another server has done it */
  async drop({ name, fromMs, toMs }: LogPartition): Promise<boolean> {
    try {
      if (!(await this.repository.detach(name))) return false;
      await this.repository.dropDetached();
    } catch (error) {
      this.logger.warn({ err: error, partition: name }, 'a log partition could not be dropped; tried again in an hour');
      return false;
    }
    const [from, to] = [fromMs, toMs].map((atMs) => new Date(atMs).toISOString());
    this.logger.log({ partition: name, from, to }, 'a log partition was dropped: nobody keeps logs of its time');
    return true;
  }

  private async look(): Promise<void> {
    try {
      for (let fromMs = 0; ;) {
        const partition = await this.repository.makeNext(fromMs, Date.now(), this.settings.partitionDays);
        if (partition === null) break;
        const { name, isMade } = partition;
        if (isMade) this.logger.log({ partition: name }, 'a log partition was made');
        else
          this.logger.warn({ partition: name }, 'no log partition was made: log_chunks_default has logs of its time');
        fromMs = partition.toMs;
      }
      await this.repository.dropDetached();
      this.endMs = (await this.repository.list()).at(-1)?.toMs ?? 0;
    } catch (error) {
      this.logger.warn({ err: error }, 'a log partition could not be made; tried again in an hour');
    }
  }
}
