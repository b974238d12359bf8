import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { EffectiveSettings, HierarchyNodeSummary, HierarchyNodeView, Page } from '@dibs/shared';
import { CurrentCaller, RequirePermission, RequirePermissionAt } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { PageQuery } from '../platform/page.js';
import { EffectiveSettingsDocument, HierarchyNodeDocument, HierarchyPageDocument } from './dto/hierarchy.document.js';
import { CreateHierarchyNodeDto, UpdateHierarchyNodeDto } from './dto/hierarchy.dto.js';
import { HierarchyService } from './hierarchy.service.js';

const NAMESPACE_ID = new IdPipe('namespace');

@ApiTags('modules')
@Controller('api/v1/namespaces')
export class NamespaceController {
  constructor(private readonly hierarchy: HierarchyService) {}

  @Get(':id')
  @RequirePermission('modules:read')
  @ApiOkResponse({ type: HierarchyNodeDocument })
  get(@CurrentCaller() caller: Caller, @Param('id', NAMESPACE_ID) id: string): Promise<HierarchyNodeView> {
    return this.hierarchy.get(caller, 'namespace', id);
  }

  @Get(':id/effective')
  @RequirePermission('modules:read')
  @ApiOperation({ summary: 'What counts for the namespace after all inheritance, and which level sets it' })
  @ApiOkResponse({ type: EffectiveSettingsDocument })
  effective(@CurrentCaller() caller: Caller, @Param('id', NAMESPACE_ID) id: string): Promise<EffectiveSettings> {
    return this.hierarchy.effective(caller, 'namespace', id);
  }

  @Patch(':id')
  @RequirePermissionAt('namespace', 'modules:manage')
  @ApiOperation({ summary: 'Rename the namespace or change its settings. 409: the name is taken' })
  @ApiOkResponse({ type: HierarchyNodeDocument })
  update(
    @CurrentCaller() caller: Caller,
    @Param('id', NAMESPACE_ID) id: string,
    @Body() body: UpdateHierarchyNodeDto,
  ): Promise<HierarchyNodeView> {
    return this.hierarchy.update(caller, 'namespace', id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermissionAt('namespace', 'modules:manage')
  @ApiOperation({ summary: 'Refused (409) while it has modules, or jobs that have not ended' })
  @ApiNoContentResponse({ description: 'It is gone, with the assignments of runners to it' })
  delete(@CurrentCaller() caller: Caller, @Param('id', NAMESPACE_ID) id: string): Promise<void> {
    return this.hierarchy.delete(caller, 'namespace', id);
  }

  @Get(':id/modules')
  @RequirePermission('modules:read')
  @ApiOperation({ summary: 'The modules of the namespace, by name' })
  @ApiOkResponse({ type: HierarchyPageDocument })
  modules(
    @CurrentCaller() caller: Caller,
    @Param('id', NAMESPACE_ID) id: string,
    @Query() query: PageQuery,
  ): Promise<Page<HierarchyNodeSummary>> {
    return this.hierarchy.list(caller, 'module', id, query);
  }

  @Post(':id/modules')
  @RequirePermissionAt('namespace', 'modules:manage')
  @ApiOperation({ summary: 'Make a module in the namespace. 409: the name is taken' })
  @ApiCreatedResponse({ type: HierarchyNodeDocument })
  createModule(
    @CurrentCaller() caller: Caller,
    @Param('id', NAMESPACE_ID) id: string,
    @Body() body: CreateHierarchyNodeDto,
  ): Promise<HierarchyNodeView> {
    return this.hierarchy.create(caller, 'module', id, body);
  }
}
