import { Module } from '@nestjs/common';
import { ModuleOutputsModule } from '../module-outputs/module-outputs.module.js';
import { SourceArchivesModule } from '../source-archives/source-archives.module.js';
import { AttemptFilesController } from './attempt-files.controller.js';
import { AttemptOutputsService } from './attempt-outputs.service.js';
import { AttemptSourceService } from './attempt-source.service.js';
import { EngineResults } from './engine-results.js';
import { HeldAttemptRepository } from './held-attempt.repository.js';
import { PlanRepository } from './plan.repository.js';
import { PlanService } from './plan.service.js';

/** What engines bring back: results, plans and outputs of the jobs of modules. */
@Module({
  imports: [ModuleOutputsModule, SourceArchivesModule],
  controllers: [AttemptFilesController],
  providers: [
    AttemptOutputsService,
    AttemptSourceService,
    EngineResults,
    HeldAttemptRepository,
    PlanRepository,
    PlanService,
  ],
  exports: [EngineResults],
})
export class EngineResultsModule {}
