import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ModuleGraph, Page, ScopeRun, ScopeRunView } from '@dibs/shared';
import { CurrentCaller, RequirePermission, RequirePermissionAt } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { NoBodyPipe } from '../platform/http/no-body.pipe.js';
import { PageQuery } from '../platform/page.js';
import { ModuleGraphDocument, ScopeRunPageDocument, ScopeRunViewDocument } from './dto/scope-run.document.js';
import { StartScopeRunDto } from './dto/scope-run.dto.js';
import { ScopeRunService } from './scope-run.service.js';

const STACK_ID = new IdPipe('stack');
const NAMESPACE_ID = new IdPipe('namespace');
const RUN_ID = new IdPipe('run of a stack or namespace');

const STARTED =
  'Run everything inside in the order of its dependencies. 409: a run of it, or of what it is in or around, has not ended. ' +
  "422: it has no modules, or they take each other's outputs in a circle";
const GRAPH = 'The modules inside, those elsewhere whose outputs they take, and who takes what of whom';

@ApiTags('scope runs')
@Controller('api/v1/stacks/:id')
export class StackRunsController {
  constructor(private readonly runs: ScopeRunService) {}

  @Post('runs')
  @RequirePermissionAt('stack', 'jobs:submit')
  @ApiOperation({ summary: STARTED })
  @ApiCreatedResponse({ type: ScopeRunViewDocument })
  start(
    @CurrentCaller() caller: Caller,
    @Param('id', STACK_ID) id: string,
    @Body() body: StartScopeRunDto,
  ): Promise<ScopeRunView> {
    return this.runs.start(caller, 'stack', id, body);
  }

  @Get('runs')
  @RequirePermission('modules:read')
  @ApiOperation({ summary: 'Runs of the whole stack, newest first' })
  @ApiOkResponse({ type: ScopeRunPageDocument })
  list(
    @CurrentCaller() caller: Caller,
    @Param('id', STACK_ID) id: string,
    @Query() query: PageQuery,
  ): Promise<Page<ScopeRun>> {
    return this.runs.list(caller, 'stack', id, query);
  }

  @Get('graph')
  @RequirePermission('modules:read')
  @ApiOperation({ summary: GRAPH })
  @ApiOkResponse({ type: ModuleGraphDocument })
  graph(@CurrentCaller() caller: Caller, @Param('id', STACK_ID) id: string): Promise<ModuleGraph> {
    return this.runs.graph(caller, 'stack', id);
  }
}

@ApiTags('scope runs')
@Controller('api/v1/namespaces/:id')
export class NamespaceRunsController {
  constructor(private readonly runs: ScopeRunService) {}

  @Post('runs')
  @RequirePermissionAt('namespace', 'jobs:submit')
  @ApiOperation({ summary: STARTED })
  @ApiCreatedResponse({ type: ScopeRunViewDocument })
  start(
    @CurrentCaller() caller: Caller,
    @Param('id', NAMESPACE_ID) id: string,
    @Body() body: StartScopeRunDto,
  ): Promise<ScopeRunView> {
    return this.runs.start(caller, 'namespace', id, body);
  }

  @Get('runs')
  @RequirePermission('modules:read')
  @ApiOperation({ summary: 'Runs of the namespace, newest first; those of its stack are listed there' })
  @ApiOkResponse({ type: ScopeRunPageDocument })
  list(
    @CurrentCaller() caller: Caller,
    @Param('id', NAMESPACE_ID) id: string,
    @Query() query: PageQuery,
  ): Promise<Page<ScopeRun>> {
    return this.runs.list(caller, 'namespace', id, query);
  }

  @Get('graph')
  @RequirePermission('modules:read')
  @ApiOperation({ summary: GRAPH })
  @ApiOkResponse({ type: ModuleGraphDocument })
  graph(@CurrentCaller() caller: Caller, @Param('id', NAMESPACE_ID) id: string): Promise<ModuleGraph> {
    return this.runs.graph(caller, 'namespace', id);
  }
}

@ApiTags('scope runs')
@Controller('api/v1/scope-runs')
export class ScopeRunController {
  constructor(private readonly runs: ScopeRunService) {}

  @Get(':id')
  @RequirePermission('modules:read')
  @ApiOkResponse({ type: ScopeRunViewDocument })
  get(@CurrentCaller() caller: Caller, @Param('id', RUN_ID) id: string): Promise<ScopeRunView> {
    return this.runs.get(caller, id);
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @RequirePermissionAt('scopeRun', 'jobs:control')
  @ApiOperation({ summary: 'Begin nothing more, and cancel the runs of its modules. 409: it is over' })
  @ApiAcceptedResponse({ type: ScopeRunViewDocument })
  cancel(
    @CurrentCaller() caller: Caller,
    @Param('id', RUN_ID) id: string,
    @Body(NoBodyPipe) _none: unknown,
  ): Promise<ScopeRunView> {
    return this.runs.cancel(caller, id);
  }
}
