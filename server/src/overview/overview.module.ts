import { Module } from '@nestjs/common';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { ExplainModule } from '../explain/explain.module.js';
import { ActivityRecorder } from './activity-recorder.js';
import { LaneBoard } from './lane-board.js';
import { OverviewController } from './overview.controller.js';
import { OverviewRepository } from './overview.repository.js';
import { OverviewService } from './overview.service.js';
import { RunnerBoard } from './runner-board.js';

/** What operators see first: how the organization is doing, and what somebody should look at. */
@Module({
  imports: [DispatchModule, ExplainModule],
  controllers: [OverviewController],
  providers: [ActivityRecorder, LaneBoard, OverviewRepository, OverviewService, RunnerBoard],
})
export class OverviewModule {}
