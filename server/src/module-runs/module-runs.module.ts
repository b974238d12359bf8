import { Module } from '@nestjs/common';
import { EngineResultsModule } from '../engine-results/engine-results.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { ModuleOutputsModule } from '../module-outputs/module-outputs.module.js';
import { ModulesModule } from '../modules/modules.module.js';
import { DefinitionDigest } from './definition-digest.js';
import { ModuleJobMaker } from './module-job-maker.js';
import { ModuleRunDriver } from './module-run-driver.js';
import { ModuleRunProgress } from './module-run-progress.js';
import { ModuleRunController, RunsOfModuleController } from './module-run.controllers.js';
import { ModuleRunRepository } from './module-run.repository.js';
import { ModuleRunService } from './module-run.service.js';
import { ModuleRunStarter } from './module-run-starter.js';
import { ModuleStandingRepository } from './module-standing.repository.js';
import { RunOfJob } from './run-of-job.js';

/** Plans and applies of modules. How a run goes on is decided in domain/modules/next-run-step.ts. */
@Module({
  imports: [EngineResultsModule, JobsModule, ModuleOutputsModule, ModulesModule],
  controllers: [RunsOfModuleController, ModuleRunController],
  providers: [
    DefinitionDigest,
    ModuleJobMaker,
    ModuleRunDriver,
    ModuleRunProgress,
    ModuleRunRepository,
    ModuleRunService,
    ModuleRunStarter,
    ModuleStandingRepository,
    RunOfJob,
  ],
  exports: [DefinitionDigest, ModuleRunProgress, ModuleRunRepository, ModuleRunStarter, ModuleStandingRepository],
})
export class ModuleRunsModule {}
