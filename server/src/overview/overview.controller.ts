import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Overview } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { OverviewDocument } from './dto/overview.document.js';
import { OverviewService } from './overview.service.js';

@ApiTags('jobs')
@Controller('api/v1/organization/overview')
export class OverviewController {
  constructor(private readonly overview: OverviewService) {}

  @Get()
  @RequirePermission('jobs:read')
  @ApiOperation({
    summary: "The state of the caller's organization at this moment",
    description:
      'Queue by lane, what waits and why, runners, the last hour minute by minute, and alerts. Jobs are counted up to ' +
      '10,000; the answer costs the same with a million. It may be a second old, and what is counted over time is ' +
      'written down every five seconds.',
  })
  @ApiOkResponse({ type: OverviewDocument })
  get(@CurrentCaller() caller: Caller): Promise<Overview> {
    return this.overview.of(caller);
  }
}
