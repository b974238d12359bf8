import { Module } from '@nestjs/common';
import { ModuleOutputRepository } from './module-output.repository.js';
import { ModuleOutputs } from './module-outputs.js';
import { ModuleOutputsController } from './module-outputs.controller.js';
import { OutputSeal } from './output-seal.js';
import { OutputStore } from './output-store.js';

/** What modules put out, versioned by change. */
@Module({
  controllers: [ModuleOutputsController],
  providers: [ModuleOutputRepository, ModuleOutputs, OutputSeal, OutputStore],
  exports: [ModuleOutputs, OutputStore],
})
export class ModuleOutputsModule {}
