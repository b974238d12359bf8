import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ModuleOutputs as ModuleOutputsView, ModuleOutputVersion, Page } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { PageQuery } from '../platform/page.js';
import { ModuleOutputsDocument, ModuleOutputVersionPageDocument } from './dto/module-outputs.document.js';
import { ModuleOutputs } from './module-outputs.js';

const MODULE_ID = new IdPipe('module');

@ApiTags('modules')
@RequirePermission('modules:read')
@Controller('api/v1/modules/:id/outputs')
export class ModuleOutputsController {
  constructor(private readonly outputs: ModuleOutputs) {}

  @Get()
  @ApiOperation({ summary: 'What the module puts out; values of sensitive outputs are never returned' })
  @ApiOkResponse({ type: ModuleOutputsDocument })
  get(@CurrentCaller() caller: Caller, @Param('id', MODULE_ID) id: string): Promise<ModuleOutputsView> {
    return this.outputs.get(caller, id);
  }

  @Get('versions')
  @ApiOperation({ summary: 'When which outputs changed, newest first' })
  @ApiOkResponse({ type: ModuleOutputVersionPageDocument })
  versions(
    @CurrentCaller() caller: Caller,
    @Param('id', MODULE_ID) id: string,
    @Query() page: PageQuery,
  ): Promise<Page<ModuleOutputVersion>> {
    return this.outputs.versions(caller, id, page);
  }
}
