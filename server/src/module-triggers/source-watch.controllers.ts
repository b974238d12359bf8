import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { SourceNotified, SourceWatch } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { NotifySourceDto, SourceNotifiedDocument, SourceWatchDocument } from './dto/source-watch.dto.js';
import { SourceWatchService } from './source-watch.service.js';

const MODULE_ID = new IdPipe('module');

@ApiTags('modules')
@Controller('api/v1/modules/:id/source-watch')
export class SourceWatchController {
  constructor(private readonly watches: SourceWatchService) {}

  @Get()
  @RequirePermission('modules:read')
  @ApiOperation({ summary: 'What was last seen of the git source of the module' })
  @ApiOkResponse({ type: SourceWatchDocument })
  get(@CurrentCaller() caller: Caller, @Param('id', MODULE_ID) id: string): Promise<SourceWatch> {
    return this.watches.get(caller, id);
  }
}

@ApiTags('modules')
@Controller('api/v1/source-notifications')
export class SourceNotificationController {
  constructor(private readonly watches: SourceWatchService) {}

  @Post()
  @HttpCode(202)
  @RequirePermission('jobs:submit')
  @ApiOperation({ summary: 'Somebody has pushed: have the watched modules with this git source looked at now' })
  @ApiAcceptedResponse({ type: SourceNotifiedDocument })
  notify(@CurrentCaller() caller: Caller, @Body() body: NotifySourceDto): Promise<SourceNotified> {
    return this.watches.notify(caller, body);
  }
}
