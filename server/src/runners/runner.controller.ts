import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { InstanceView, Page, RunnerCreated, RunnerView } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { PageQuery } from '../platform/page.js';
import { DrainDto } from './dto/drain.dto.js';
import { CreateRunnerDto, UpdateRunnerDto } from './dto/create-runner.dto.js';
import { InstanceDocument, InstancePageDocument, InstancesDocument } from './dto/instance.document.js';
import { RegisterRunnerDto } from './dto/register-runner.dto.js';
import { RunnerCreatedDocument, RunnerDocument, RunnerPageDocument } from './dto/runner.document.js';
import { RegistrationService } from './registration.service.js';
import { RunnerService } from './runner.service.js';

const RUNNER_ID = new IdPipe('runner');

@ApiTags('runners')
@Controller('api/v1/runners')
export class RunnerController {
  constructor(
    private readonly runners: RunnerService,
    private readonly registration: RegistrationService,
  ) {}

  @Get()
  @RequirePermission('runners:read')
  @ApiOkResponse({ type: RunnerPageDocument })
  list(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<Page<RunnerView>> {
    return this.runners.list(caller.organizationId, query);
  }

  @Post()
  @RequirePermission('runners:manage')
  @ApiOperation({ summary: 'The answer holds the credentials, this once' })
  @ApiCreatedResponse({ type: RunnerCreatedDocument })
  create(@CurrentCaller() caller: Caller, @Body() body: CreateRunnerDto): Promise<RunnerCreated> {
    return this.runners.create(caller, body);
  }

  @Post('register')
  @RequirePermission('runners:manage')
  @ApiOperation({
    summary: 'What a runner process with an API key calls: creates or finds the record, answers with credentials once',
    description: 'The API key must be of an administrator or owner. Each instance gets a secret of its own.',
  })
  @ApiCreatedResponse({ type: RunnerCreatedDocument })
  register(@CurrentCaller() caller: Caller, @Body() body: RegisterRunnerDto): Promise<RunnerCreated> {
    return this.registration.register(caller, body);
  }

  @Get(':id')
  @RequirePermission('runners:read')
  @ApiOkResponse({ type: RunnerDocument })
  get(@CurrentCaller() caller: Caller, @Param('id', RUNNER_ID) id: string): Promise<RunnerView> {
    return this.runners.get(caller.organizationId, id);
  }

  @Patch(':id')
  @RequirePermission('runners:manage')
  @ApiOkResponse({ type: RunnerDocument })
  update(
    @CurrentCaller() caller: Caller,
    @Param('id', RUNNER_ID) id: string,
    @Body() body: UpdateRunnerDto,
  ): Promise<RunnerView> {
    return this.runners.update(caller, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('runners:manage')
  @ApiOperation({ summary: 'Refused (409) while the runner holds jobs' })
  @ApiNoContentResponse({ description: 'Its instances are disconnected and cannot come back' })
  delete(@CurrentCaller() caller: Caller, @Param('id', RUNNER_ID) id: string): Promise<void> {
    return this.runners.delete(caller, id);
  }

  @Get(':id/instances')
  @RequirePermission('runners:read')
  @ApiOkResponse({ type: InstancePageDocument })
  instances(
    @CurrentCaller() caller: Caller,
    @Param('id', RUNNER_ID) id: string,
    @Query() query: PageQuery,
  ): Promise<Page<InstanceView>> {
    return this.runners.instances(caller.organizationId, id, query);
  }

  @Post(':id/instances/:name/drain')
  @HttpCode(202)
  @RequirePermission('runners:manage')
  @ApiOperation({ summary: 'Let it finish its jobs and take no more, until its process restarts or it is undrained' })
  @ApiAcceptedResponse({ type: InstanceDocument })
  drain(
    @CurrentCaller() caller: Caller,
    @Param('id', RUNNER_ID) id: string,
    @Param('name') name: string,
    @Body() body?: DrainDto,
  ): Promise<InstanceView> {
    return this.runners.drain(caller, id, name, { wanted: true, ...body });
  }

  @Delete(':id/instances/:name/drain')
  @RequirePermission('runners:manage')
  @ApiOperation({ summary: 'Let it take jobs again; a drain of its own (SIGTERM) goes on' })
  @ApiOkResponse({ type: InstanceDocument })
  undrain(
    @CurrentCaller() caller: Caller,
    @Param('id', RUNNER_ID) id: string,
    @Param('name') name: string,
  ): Promise<InstanceView> {
    return this.runners.drain(caller, id, name, { wanted: false });
  }

  @Post(':id/drain')
  @HttpCode(202)
  @RequirePermission('runners:manage')
  @ApiOperation({ summary: 'Drain every instance of the runner' })
  @ApiAcceptedResponse({ type: InstancesDocument })
  async drainAll(
    @CurrentCaller() caller: Caller,
    @Param('id', RUNNER_ID) id: string,
    @Body() body?: DrainDto,
  ): Promise<{ items: InstanceView[] }> {
    return { items: await this.runners.drainAll(caller, id, { wanted: true, ...body }) };
  }

  @Delete(':id/drain')
  @RequirePermission('runners:manage')
  @ApiOperation({ summary: 'Let every instance of the runner take jobs again' })
  @ApiOkResponse({ type: InstancesDocument })
  async undrainAll(
    @CurrentCaller() caller: Caller,
    @Param('id', RUNNER_ID) id: string,
  ): Promise<{ items: InstanceView[] }> {
    return { items: await this.runners.drainAll(caller, id, { wanted: false }) };
  }
}
