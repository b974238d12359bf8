import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ConnectionView, Page } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { PageQuery } from '../platform/page.js';
import { ConnectionService } from './connection.service.js';
import { ConnectionPageDocument } from './dto/connection.document.js';

@ApiTags('runners')
@Controller('api/v1/runners')
export class ConnectionController {
  constructor(private readonly connections: ConnectionService) {}

  @Get(':id/instances/:name/connections')
  @RequirePermission('runners:read')
  @ApiOperation({
    summary: 'The connections of an instance that have ended, the last one first',
    description: 'The current one is in the instance itself. The last 100 of the last 30 days are kept.',
  })
  @ApiOkResponse({ type: ConnectionPageDocument })
  list(
    @CurrentCaller() caller: Caller,
    @Param('id', new IdPipe('runner')) id: string,
    @Param('name') name: string,
    @Query() query: PageQuery,
  ): Promise<Page<ConnectionView>> {
    return this.connections.list(caller, id, name, query);
  }
}
