import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page, PauseView } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { PageQuery } from '../platform/page.js';
import { CreatePauseDto } from './dto/pause.dto.js';
import { PauseDocument, PausePageDocument } from './dto/pause.document.js';
import { PauseService } from './pause.service.js';

@ApiTags('pauses')
@Controller('api/v1/pauses')
export class PauseController {
  constructor(private readonly pauses: PauseService) {}

  @Get()
  @RequirePermission('runners:read')
  @ApiOperation({ summary: 'What is paused now, newest first' })
  @ApiOkResponse({ type: PausePageDocument })
  list(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<Page<PauseView>> {
    return this.pauses.list(caller, query);
  }

  @Post()
  @RequirePermission('jobs:control')
  @ApiOperation({
    summary: 'Hold back a runner, a lane, or the whole organization',
    description:
      'Nothing new starts there until the pause is lifted; running jobs go on and new ones are accepted. ' +
      'The organization may be paused by administrators and owners. 409: it is paused already.',
  })
  @ApiCreatedResponse({ type: PauseDocument })
  create(@CurrentCaller() caller: Caller, @Body() body: CreatePauseDto): Promise<PauseView> {
    return this.pauses.create(caller, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('jobs:control')
  @ApiOperation({ summary: 'Lift a pause; jobs that waited for it start at once' })
  @ApiNoContentResponse({ description: 'It holds nothing back any more' })
  end(@CurrentCaller() caller: Caller, @Param('id', new IdPipe('pause')) id: string): Promise<void> {
    return this.pauses.end(caller, id);
  }
}
