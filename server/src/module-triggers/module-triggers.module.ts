import { Module } from '@nestjs/common';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { ModuleRunsModule } from '../module-runs/module-runs.module.js';
import { ModulesModule } from '../modules/modules.module.js';
import { DefinitionChangeRepository } from './definition-change.repository.js';
import { DefinitionTriggerService } from './definition-trigger.service.js';
import { OutputTriggerRepository } from './output-trigger.repository.js';
import { OutputTriggerService } from './output-trigger.service.js';
import { SourceChecker } from './source-checker.js';
import { SourceLooker } from './source-looker.js';
import { SourceNotificationController, SourceWatchController } from './source-watch.controllers.js';
import { SourceWatchDriver } from './source-watch-driver.js';
import { SourceWatchRepository } from './source-watch.repository.js';
import { SourceWatchService } from './source-watch.service.js';
import { TriggerDriver } from './trigger-driver.js';
import { WantedRunRepository } from './wanted-run.repository.js';
import { WantedRuns } from './wanted-runs.js';

/** What begins runs by itself: outputs, definitions and sources that have changed. */
@Module({
  imports: [DispatchModule, ModuleRunsModule, ModulesModule],
  controllers: [SourceWatchController, SourceNotificationController],
  providers: [
    DefinitionChangeRepository,
    DefinitionTriggerService,
    OutputTriggerRepository,
    OutputTriggerService,
    SourceChecker,
    SourceLooker,
    SourceWatchDriver,
    SourceWatchRepository,
    SourceWatchService,
    TriggerDriver,
    WantedRunRepository,
    WantedRuns,
  ],
})
export class ModuleTriggersModule {}
