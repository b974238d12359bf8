import { Module } from '@nestjs/common';
import { RecentSpecs } from '../jobs/spec/recent-specs.js';
import { LogsModule } from '../logs/logs.module.js';
import { AfterFailure } from './after-failure.js';
import { ClaimRepository } from './claim.repository.js';
import { ClaimService } from './claim.service.js';
import { DeafWatch } from './deaf-watch.js';
import { DispatchListener } from './dispatch-listener.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { Dispatcher } from './dispatcher.js';
import { ElsewhereListener } from './elsewhere-listener.js';
import { ExpiryRepository } from './expiry.repository.js';
import { GrantRepository } from './grant.repository.js';
import { GrantService } from './grant.service.js';
import { HeldCheck } from './held-check.js';
import { InstanceRegistry } from './instance-registry.js';
import { JobSecrets } from './job-secrets.js';
import { LaneReader } from './lane-reader.js';
import { LeaseRepository } from './lease.repository.js';
import { LeaseService } from './lease.service.js';
import { LossService } from './loss.service.js';
import { LostAttemptRepository } from './lost-attempt.repository.js';
import { PauseBook } from './pause-book.js';
import { ProgressService } from './progress.service.js';
import { QueueRepository } from './queue.repository.js';
import { RegrantRepository } from './regrant.repository.js';
import { ResultRepository } from './result.repository.js';
import { ResultWriter } from './result-writer.js';
import { StepRepository } from './step.repository.js';
import { Sweeper } from './sweeper.js';

/** Offers, claims, leases and results: everything about an attempt but its log. */
@Module({
  imports: [LogsModule],
  providers: [
    AfterFailure,
    ClaimRepository,
    ClaimService,
    DeafWatch,
    DispatchListener,
    DispatchMetrics,
    Dispatcher,
    ElsewhereListener,
    ExpiryRepository,
    GrantRepository,
    GrantService,
    HeldCheck,
    InstanceRegistry,
    JobSecrets,
    LaneReader,
    LeaseRepository,
    LeaseService,
    LossService,
    LostAttemptRepository,
    PauseBook,
    ProgressService,
    QueueRepository,
    RecentSpecs,
    RegrantRepository,
    ResultRepository,
    ResultWriter,
    StepRepository,
    Sweeper,
  ],
  exports: [
    ClaimService,
    Dispatcher,
    GrantService,
    InstanceRegistry,
    JobSecrets,
    LeaseService,
    LossService,
    LostAttemptRepository,
    PauseBook,
    ProgressService,
    QueueRepository,
    RecentSpecs,
    RegrantRepository,
    Sweeper,
  ],
})
export class DispatchModule {}
