import { Module } from '@nestjs/common';
import { LogsModule } from '../logs/logs.module.js';
import { LogErrorRepository } from './log-error.repository.js';
import { LogIndexRepository } from './log-index.repository.js';
import { LogIndexer } from './log-indexer.js';
import { LogSearchController } from './log-search.controller.js';
import { LogSearchRepository } from './log-search.repository.js';
import { LogSearchService } from './log-search.service.js';
import { SearchAcrossJobs } from './search-across-jobs.js';

/** Searching the logs of all jobs, and errors that were seen before. */
@Module({
  imports: [LogsModule],
  controllers: [LogSearchController],
  providers: [
    LogErrorRepository,
    LogIndexRepository,
    LogIndexer,
    LogSearchRepository,
    LogSearchService,
    SearchAcrossJobs,
  ],
})
export class LogSearchModule {}
