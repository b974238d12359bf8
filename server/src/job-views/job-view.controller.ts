import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JobViewView, Page } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { CreateJobViewDto, JobViewDocument, JobViewPageDocument } from './dto/job-view.dto.js';
import { JobViewService } from './job-view.service.js';

/** Whoever may look at jobs may keep filters of their own. */
@ApiTags('jobs')
@Controller('api/v1/job-views')
export class JobViewController {
  constructor(private readonly views: JobViewService) {}

  @Get()
  @RequirePermission('jobs:read')
  @ApiOperation({ summary: "The caller's saved filters of the list of jobs, by name" })
  @ApiOkResponse({ type: JobViewPageDocument })
  list(@CurrentCaller() caller: Caller): Promise<Page<JobViewView>> {
    return this.views.list(caller);
  }

  @Post()
  @RequirePermission('jobs:read')
  @ApiOperation({ summary: 'Save a filter; one of the same name takes its place. 409: there are too many' })
  @ApiCreatedResponse({ type: JobViewDocument })
  save(@CurrentCaller() caller: Caller, @Body() body: CreateJobViewDto): Promise<JobViewView> {
    return this.views.save(caller, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('jobs:read')
  @ApiNoContentResponse({ description: 'It is gone' })
  delete(@CurrentCaller() caller: Caller, @Param('id', new IdPipe('saved view')) id: string): Promise<void> {
    return this.views.delete(caller, id);
  }
}
