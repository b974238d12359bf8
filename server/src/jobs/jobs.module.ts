import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/admission.module.js';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { ChildrenReader } from '../fan-out/children-reader.js';
import { RunOfJob } from '../module-runs/run-of-job.js';
import { SourceArchivesModule } from '../source-archives/source-archives.module.js';
import { StacksModule } from '../stacks/stacks.module.js';
import { BulkJobsController } from './bulk-jobs.controller.js';
import { JobChanges } from './job-changes.js';
import { JobSubmissionService } from './job-submission.service.js';
import { JobWaiter } from './job-waiter.js';
import { JobRepository } from './job.repository.js';
import { JobsController } from './jobs.controller.js';
import { JobsService } from './jobs.service.js';

@Module({
  imports: [AdmissionModule, DispatchModule, SourceArchivesModule, StacksModule],
  controllers: [BulkJobsController, JobsController],
  providers: [ChildrenReader, RunOfJob, JobRepository, JobChanges, JobWaiter, JobsService, JobSubmissionService],
  exports: [JobsService, JobChanges, JobRepository, JobSubmissionService],
})
export class JobsModule {}
