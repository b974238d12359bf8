import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { BulkOutcome } from '@dibs/shared';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { outcomesOf } from './bulk-outcomes.js';
import { BulkJobsDto, CancelJobsDto } from './dto/requests.dto.js';
import { BulkOutcomesView } from './dto/views.dto.js';
import { JobSubmissionService } from './job-submission.service.js';
import { JobsService } from './jobs.service.js';

/** The same to many jobs. Each is a change of its own, so the answer says of each what became of it. */
@ApiTags('jobs')
@Controller('api/v1/jobs/bulk')
export class BulkJobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly submission: JobSubmissionService,
  ) {}

  @Post('cancel')
  @HttpCode(200)
  @RequirePermission('jobs:control')
  @ApiOperation({ summary: 'Cancel many jobs; one that is refused holds back none of the others' })
  @ApiOkResponse({ type: BulkOutcomesView })
  async cancel(
    @CurrentCaller() caller: Caller,
    @Body() { ids, mode = 'graceful' }: CancelJobsDto,
  ): Promise<{ items: BulkOutcome[] }> {
    return { items: await outcomesOf(ids, (id) => this.jobs.cancel(caller, id, mode)) };
  }

  @Post('retry')
  @HttpCode(200)
  @RequirePermission('jobs:control')
  @ApiOperation({ summary: 'Submit many jobs that have ended once more; one that is refused holds back none' })
  @ApiOkResponse({ type: BulkOutcomesView })
  async retry(@CurrentCaller() caller: Caller, @Body() { ids }: BulkJobsDto): Promise<{ items: BulkOutcome[] }> {
    return { items: await outcomesOf(ids, (id) => this.submission.retry(caller, id)) };
  }
}
