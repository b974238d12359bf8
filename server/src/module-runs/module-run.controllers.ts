import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ModuleRun, Page } from '@dibs/shared';
import { CurrentCaller, RequirePermission, RequirePermissionAt } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { NoBodyPipe } from '../platform/http/no-body.pipe.js';
import { ModuleRunDocument, ModuleRunPageDocument } from './dto/module-run.document.js';
import { DecideRunDto, ListRunsQuery, StartRunDto } from './dto/module-run.dto.js';
import { ModuleRunService } from './module-run.service.js';

const MODULE_ID = new IdPipe('module');
const RUN_ID = new IdPipe('module run');

@ApiTags('module runs')
@Controller('api/v1/modules/:id/runs')
export class RunsOfModuleController {
  constructor(private readonly runs: ModuleRunService) {}

  @Post()
  @RequirePermissionAt('module', 'jobs:submit')
  @ApiOperation({ summary: 'Begin a run; its first job is made at once. 422 says what the module lacks for it' })
  @ApiCreatedResponse({ type: ModuleRunDocument })
  start(
    @CurrentCaller() caller: Caller,
    @Param('id', MODULE_ID) id: string,
    @Body() body: StartRunDto,
  ): Promise<ModuleRun> {
    return this.runs.start(caller, id, body);
  }

  @Get()
  @RequirePermission('modules:read')
  @ApiOperation({ summary: 'The runs of the module, newest first' })
  @ApiOkResponse({ type: ModuleRunPageDocument })
  list(
    @CurrentCaller() caller: Caller,
    @Param('id', MODULE_ID) id: string,
    @Query() query: ListRunsQuery,
  ): Promise<Page<ModuleRun>> {
    return this.runs.list(caller, id, query);
  }
}

@ApiTags('module runs')
@Controller('api/v1/module-runs')
export class ModuleRunController {
  constructor(private readonly runs: ModuleRunService) {}

  @Get(':id')
  @RequirePermission('modules:read')
  @ApiOkResponse({ type: ModuleRunDocument })
  get(@CurrentCaller() caller: Caller, @Param('id', RUN_ID) id: string): Promise<ModuleRun> {
    return this.runs.get(caller, id);
  }

  @Post(':id/approve')
  @HttpCode(200)
  @RequirePermissionAt('moduleRun', 'jobs:control')
  @ApiOperation({ summary: 'Have the plan carried out. 409: the run does not wait for that (any more)' })
  @ApiOkResponse({ type: ModuleRunDocument })
  approve(
    @CurrentCaller() caller: Caller,
    @Param('id', RUN_ID) id: string,
    @Body() body?: DecideRunDto,
  ): Promise<ModuleRun> {
    return this.runs.approve(caller, id, body ?? {});
  }

  @Post(':id/reject')
  @HttpCode(200)
  @RequirePermissionAt('moduleRun', 'jobs:control')
  @ApiOperation({ summary: 'Have the plan not carried out. 409: the run does not wait for that (any more)' })
  @ApiOkResponse({ type: ModuleRunDocument })
  reject(
    @CurrentCaller() caller: Caller,
    @Param('id', RUN_ID) id: string,
    @Body() body?: DecideRunDto,
  ): Promise<ModuleRun> {
    return this.runs.reject(caller, id, body ?? {});
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @RequirePermissionAt('moduleRun', 'jobs:control')
  @ApiOperation({ summary: 'End a run with its job: at once while nobody works on it. 409: it is over' })
  @ApiAcceptedResponse({ type: ModuleRunDocument })
  cancel(
    @CurrentCaller() caller: Caller,
    @Param('id', RUN_ID) id: string,
    @Body(NoBodyPipe) _none: unknown,
  ): Promise<ModuleRun> {
    return this.runs.cancel(caller, id);
  }
}
