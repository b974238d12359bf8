import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JobTimeline } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { JobTimelineDocument } from './dto/timeline.document.js';
import { TimelineService } from './timeline.service.js';

@ApiTags('jobs')
@Controller('api/v1/jobs')
export class TimelineController {
  constructor(private readonly timeline: TimelineService) {}

  @Get(':id/timeline')
  @RequirePermission('jobs:read')
  @Header('content-disposition', 'inline; filename="timeline.json"')
  @ApiOperation({
    summary: "A job's whole life as one document, oldest first",
    description:
      'Every change of state, how each attempt found its instance, lost claims, late renewals, disconnects and ' +
      'reconnects, cancels, requeues, retries and the pauses that held it; times by the clock of the database.',
  })
  @ApiOkResponse({ type: JobTimelineDocument })
  read(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<JobTimeline> {
    return this.timeline.read(caller, id);
  }
}
