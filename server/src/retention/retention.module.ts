import { Module } from '@nestjs/common';
import { LogsModule } from '../logs/logs.module.js';
import { JobRemovalRepository } from './job-removal.repository.js';
import { LogRemovalRepository } from './log-removal.repository.js';
import { LogUsage } from './log-usage.js';
import { RetentionController } from './retention.controller.js';
import { RetentionRepository } from './retention.repository.js';
import { RetentionRunner } from './retention-runner.js';
import { RetentionService } from './retention.service.js';

/** Removes old logs and jobs, as each organization wants it. */
@Module({
  imports: [LogsModule],
  controllers: [RetentionController],
  providers: [
    JobRemovalRepository,
    LogRemovalRepository,
    LogUsage,
    RetentionRepository,
    RetentionRunner,
    RetentionService,
  ],
})
export class RetentionModule {}
