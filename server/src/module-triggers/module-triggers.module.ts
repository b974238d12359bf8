import { Module } from '@nestjs/common';
import { ModuleRunsModule } from '../module-runs/module-runs.module.js';
import { ModulesModule } from '../modules/modules.module.js';
import { DefinitionChangeRepository } from './definition-change.repository.js';
import { DefinitionTriggerService } from './definition-trigger.service.js';
import { OutputTriggerRepository } from './output-trigger.repository.js';
import { OutputTriggerService } from './output-trigger.service.js';
import { TriggerDriver } from './trigger-driver.js';
import { WantedRunRepository } from './wanted-run.repository.js';
import { WantedRuns } from './wanted-runs.js';

/** What begins runs by itself: outputs, definitions and sources that have changed. */
@Module({
  imports: [ModuleRunsModule, ModulesModule],
  providers: [
    DefinitionChangeRepository,
    DefinitionTriggerService,
    OutputTriggerRepository,
    OutputTriggerService,
    TriggerDriver,
    WantedRunRepository,
    WantedRuns,
  ],
})
export class ModuleTriggersModule {}
