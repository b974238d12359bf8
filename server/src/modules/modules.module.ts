import { Module } from '@nestjs/common';
import { HierarchyWriter } from './hierarchy-writer.js';
import { HierarchyRepository } from './hierarchy.repository.js';
import { HierarchyService } from './hierarchy.service.js';
import { ModuleReader } from './module-reader.js';
import { ModuleController } from './module.controller.js';
import { NamespaceController } from './namespace.controller.js';
import { OrganizationSettingsController } from './organization-settings.controller.js';
import { ROLE_GRANT_CONTROLLERS } from './role-grant.controllers.js';
import { RoleGrantRepository } from './role-grant.repository.js';
import { RoleGrantService } from './role-grant.service.js';
import { SettingsChange } from './settings-change.js';
import { StackController } from './stack.controller.js';

/** What is deployed again and again: stacks, namespaces and modules, and the settings that they inherit. */
@Module({
  controllers: [
    OrganizationSettingsController,
    StackController,
    NamespaceController,
    ModuleController,
    ...ROLE_GRANT_CONTROLLERS,
  ],
  providers: [
    HierarchyRepository,
    HierarchyService,
    HierarchyWriter,
    ModuleReader,
    RoleGrantRepository,
    RoleGrantService,
    SettingsChange,
  ],
  exports: [HierarchyService, HierarchyWriter, ModuleReader],
})
export class ModulesModule {}
