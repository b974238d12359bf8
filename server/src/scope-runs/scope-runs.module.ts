import { Module } from '@nestjs/common';
import { ModuleRunsModule } from '../module-runs/module-runs.module.js';
import { ScopeGraph } from './scope-graph.js';
import { ScopeRunDriver } from './scope-run-driver.js';
import { ScopeRunProgress } from './scope-run-progress.js';
import { NamespaceRunsController, ScopeRunController, StackRunsController } from './scope-run.controllers.js';
import { ScopeRunRepository } from './scope-run.repository.js';
import { ScopeRunService } from './scope-run.service.js';

/** Plans, applies and destroys of everything in a stack or namespace. Which module is next is in domain/modules/next-scope-run-steps.ts. */
@Module({
  imports: [ModuleRunsModule],
  controllers: [StackRunsController, NamespaceRunsController, ScopeRunController],
  providers: [ScopeGraph, ScopeRunDriver, ScopeRunProgress, ScopeRunRepository, ScopeRunService],
})
export class ScopeRunsModule {}
