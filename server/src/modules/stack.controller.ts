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

const STACK_ID = new IdPipe('stack');

@ApiTags('modules')
@Controller('api/v1/stacks')
export class StackController {
  constructor(private readonly hierarchy: HierarchyService) {}

  @Get()
  @RequirePermission('modules:read')
  @ApiOperation({ summary: 'Stacks, by name' })
  @ApiOkResponse({ type: HierarchyPageDocument })
  list(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<Page<HierarchyNodeSummary>> {
    return this.hierarchy.list(caller, 'stack', caller.organizationId, query);
  }

  @Post()
  @RequirePermission('modules:manage')
  @ApiOperation({ summary: 'Make a stack. 409: the name is taken' })
  @ApiCreatedResponse({ type: HierarchyNodeDocument })
  create(@CurrentCaller() caller: Caller, @Body() body: CreateHierarchyNodeDto): Promise<HierarchyNodeView> {
    return this.hierarchy.create(caller, 'stack', caller.organizationId, body);
  }

  @Get(':id')
  @RequirePermission('modules:read')
  @ApiOkResponse({ type: HierarchyNodeDocument })
  get(@CurrentCaller() caller: Caller, @Param('id', STACK_ID) id: string): Promise<HierarchyNodeView> {
    return this.hierarchy.get(caller, 'stack', id);
  }

  @Get(':id/effective')
  @RequirePermission('modules:read')
  @ApiOperation({ summary: 'What counts for the stack after all inheritance, and which level sets it' })
  @ApiOkResponse({ type: EffectiveSettingsDocument })
  effective(@CurrentCaller() caller: Caller, @Param('id', STACK_ID) id: string): Promise<EffectiveSettings> {
    return this.hierarchy.effective(caller, 'stack', id);
  }

  @Patch(':id')
  @RequirePermissionAt('stack', 'modules:manage')
  @ApiOperation({ summary: 'Rename the stack or change its settings. 409: the name is taken' })
  @ApiOkResponse({ type: HierarchyNodeDocument })
  update(
    @CurrentCaller() caller: Caller,
    @Param('id', STACK_ID) id: string,
    @Body() body: UpdateHierarchyNodeDto,
  ): Promise<HierarchyNodeView> {
    return this.hierarchy.update(caller, 'stack', id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermissionAt('stack', 'modules:manage')
  @ApiOperation({ summary: 'Refused (409) while it has namespaces, or jobs that have not ended' })
  @ApiNoContentResponse({ description: 'It is gone, with the assignments of runners to it' })
  delete(@CurrentCaller() caller: Caller, @Param('id', STACK_ID) id: string): Promise<void> {
    return this.hierarchy.delete(caller, 'stack', id);
  }

  @Get(':id/namespaces')
  @RequirePermission('modules:read')
  @ApiOperation({ summary: 'The namespaces of the stack, by name' })
  @ApiOkResponse({ type: HierarchyPageDocument })
  namespaces(
    @CurrentCaller() caller: Caller,
    @Param('id', STACK_ID) id: string,
    @Query() query: PageQuery,
  ): Promise<Page<HierarchyNodeSummary>> {
    return this.hierarchy.list(caller, 'namespace', id, query);
  }

  @Post(':id/namespaces')
  @RequirePermissionAt('stack', 'modules:manage')
  @ApiOperation({ summary: 'Make a namespace in the stack. 409: the name is taken' })
  @ApiCreatedResponse({ type: HierarchyNodeDocument })
  createNamespace(
    @CurrentCaller() caller: Caller,
    @Param('id', STACK_ID) id: string,
    @Body() body: CreateHierarchyNodeDto,
  ): Promise<HierarchyNodeView> {
    return this.hierarchy.create(caller, 'namespace', id, body);
  }
}
