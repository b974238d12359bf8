import { Module } from '@nestjs/common';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { ChildrenMaker } from './children-maker.js';
import { FanOutDriver } from './fan-out-driver.js';
import { FanOutRepository } from './fan-out.repository.js';
import { FanOutService } from './fan-out.service.js';
import { MatchingInstancesReader } from './matching-instances.js';

/** One job on every matching instance. How it goes on is decided in domain/job/fan-out.ts. */
@Module({
  imports: [DispatchModule, JobsModule],
  providers: [ChildrenMaker, FanOutDriver, FanOutRepository, FanOutService, MatchingInstancesReader],
})
export class FanOutModule {}
