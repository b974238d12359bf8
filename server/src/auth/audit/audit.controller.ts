import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { AuditEventView, Page } from '@dibs/shared';
import { PageQuery } from '../../platform/page.js';
import { CurrentCaller, RequirePermission } from '../access.decorators.js';
import type { Caller } from '../caller.js';
import { AuditPageDocument } from './audit-event.document.js';
import { AuditReader } from './audit-reader.js';

@ApiTags('access')
@Controller('api/v1/audit')
export class AuditController {
  constructor(private readonly audit: AuditReader) {}

  /** Newest first. */
  @Get()
  @RequirePermission('access:read')
  @ApiOkResponse({ type: AuditPageDocument })
  list(@CurrentCaller() caller: Caller, @Query() query: PageQuery): Promise<Page<AuditEventView>> {
    return this.audit.list(caller.organizationId, query);
  }
}
