import { Module } from '@nestjs/common';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { ChildrenReader } from '../fan-out/children-reader.js';
import { StacksModule } from '../stacks/stacks.module.js';
import { ExplainController } from './explain.controller.js';
import { ExplainRepository } from './explain.repository.js';
import { ExplainService } from './explain.service.js';
import { KnownInstancesRepository } from './known-instances.repository.js';
import { LaneJudge } from './lane-judge.js';
import { LaneWarnerService } from './lane-warner.service.js';
import { LaneWarningRepository } from './lane-warning.repository.js';
import { WhatIfService } from './what-if.service.js';

/** Why jobs wait: for whoever asks, and by itself where nobody could ever help. */
@Module({
  imports: [DispatchModule, StacksModule],
  controllers: [ExplainController],
  providers: [
    ChildrenReader,
    ExplainRepository,
    ExplainService,
    KnownInstancesRepository,
    LaneJudge,
    LaneWarnerService,
    LaneWarningRepository,
    WhatIfService,
  ],
  exports: [ExplainRepository],
})
export class ExplainModule {}
