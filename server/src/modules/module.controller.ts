import { Body, Controller, Delete, Get, HttpCode, Param, Patch } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { EffectiveSettings, HierarchyNodeView } from '@dibs/shared';
import { CurrentCaller, RequirePermission, RequirePermissionAt } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { EffectiveSettingsDocument, HierarchyNodeDocument } from './dto/hierarchy.document.js';
import { UpdateHierarchyNodeDto } from './dto/hierarchy.dto.js';
import { HierarchyService } from './hierarchy.service.js';

const MODULE_ID = new IdPipe('module');

@ApiTags('modules')
@Controller('api/v1/modules')
export class ModuleController {
  constructor(private readonly hierarchy: HierarchyService) {}

  @Get(':id')
  @RequirePermission('modules:read')
  @ApiOkResponse({ type: HierarchyNodeDocument })
  get(@CurrentCaller() caller: Caller, @Param('id', MODULE_ID) id: string): Promise<HierarchyNodeView> {
    return this.hierarchy.get(caller, 'module', id);
  }

  @Get(':id/effective')
  @RequirePermission('modules:read')
  @ApiOperation({ summary: 'What counts for the module after all inheritance, and which level sets it' })
  @ApiOkResponse({ type: EffectiveSettingsDocument })
  effective(@CurrentCaller() caller: Caller, @Param('id', MODULE_ID) id: string): Promise<EffectiveSettings> {
    return this.hierarchy.effective(caller, 'module', id);
  }

  @Patch(':id')
  @RequirePermissionAt('module', 'modules:manage')
  @ApiOperation({ summary: 'Rename the module or change its settings. 409: the name is taken' })
  @ApiOkResponse({ type: HierarchyNodeDocument })
  update(
    @CurrentCaller() caller: Caller,
    @Param('id', MODULE_ID) id: string,
    @Body() body: UpdateHierarchyNodeDto,
  ): Promise<HierarchyNodeView> {
    return this.hierarchy.update(caller, 'module', id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermissionAt('module', 'modules:manage')
  @ApiOperation({ summary: 'Refused (409) while it has jobs that have not ended' })
  @ApiNoContentResponse({ description: 'It is gone, with the assignments of runners to it' })
  delete(@CurrentCaller() caller: Caller, @Param('id', MODULE_ID) id: string): Promise<void> {
    return this.hierarchy.delete(caller, 'module', id);
  }
}
