import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { LostClaims } from './lost-claims.js';
import { TimelineController } from './timeline.controller.js';
import { TimelineService } from './timeline.service.js';

/** The whole life of a job as one document. */
@Module({
  imports: [JobsModule],
  controllers: [TimelineController],
  providers: [LostClaims, TimelineService],
})
export class TimelineModule {}
