import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AuditEventView, Page } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../access.decorators.js';
import type { Caller } from '../caller.js';
import { AuditPageDocument } from './audit-event.document.js';
import { AuditReader } from './audit-reader.js';
import { AuditQuery } from './audit.query.js';

@ApiTags('access')
@Controller('api/v1/audit')
export class AuditController {
  constructor(private readonly audit: AuditReader) {}

  @Get()
  @RequirePermission('access:read')
  @ApiOperation({ summary: 'Who did what, newest first; filters are combined' })
  @ApiOkResponse({ type: AuditPageDocument })
  list(@CurrentCaller() caller: Caller, @Query() query: AuditQuery): Promise<Page<AuditEventView>> {
    return this.audit.list(caller.organizationId, query);
  }
}
