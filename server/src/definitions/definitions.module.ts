import { Module } from '@nestjs/common';
import { ModulesModule } from '../modules/modules.module.js';
import { DEFINITION_CONTROLLERS } from './definition.controllers.js';
import { DefinitionRepository } from './definition.repository.js';
import { DefinitionService } from './definition.service.js';

/** The hierarchy as one YAML text, so that it can live in git. */
@Module({
  imports: [ModulesModule],
  controllers: [...DEFINITION_CONTROLLERS],
  providers: [DefinitionRepository, DefinitionService],
})
export class DefinitionsModule {}
