import { Module } from '@nestjs/common';
import { LogChunkRepository } from './log-chunk.repository.js';
import { LogCutRepository } from './log-cut.repository.js';
import { LogFollower } from './log-follower.js';
import { LogGrowth } from './log-growth.js';
import { LogIngestService } from './log-ingest.service.js';
import { LogLimit } from './log-limit.js';
import { LogPages } from './log-pages.js';
import { LogReadRepository } from './log-read.repository.js';
import { LogReader } from './log-reader.js';
import { LogReceiptRepository } from './log-receipt.repository.js';
import { LogReceipts } from './log-receipts.js';
import { LogSearch } from './log-search.js';
import { LogSource } from './log-source.js';
import { LogStandings } from './log-standings.js';
import { LogWatchers } from './log-watchers.js';
import { LogPartitionRepository } from './partitions/log-partition.repository.js';
import { LogPartitions } from './partitions/log-partitions.js';
import { OrganizationLogLimits } from './organization-log-limits.js';
import { ReaderShare } from './reader-share.js';
import { LogsController } from './logs.controller.js';
import { LogsService } from './logs.service.js';

@Module({
  controllers: [LogsController],
  providers: [
    LogChunkRepository,
    LogCutRepository,
    LogFollower,
    LogGrowth,
    LogIngestService,
    LogLimit,
    LogPages,
    LogPartitionRepository,
    LogPartitions,
    LogReadRepository,
    LogReader,
    LogReceiptRepository,
    LogReceipts,
    LogSearch,
    LogSource,
    LogStandings,
    LogWatchers,
    LogsService,
    OrganizationLogLimits,
    ReaderShare,
  ],
  exports: [LogIngestService, LogPartitions, LogReader, LogWatchers, LogsService, ReaderShare],
})
export class LogsModule {}
