import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { JobDetail, JobSummary, Page } from '@dibs/shared';
import type { FastifyReply } from 'fastify';
import { CurrentCaller, RequirePermission, RequirePermissionAt } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { clientGone } from '../platform/client-gone.js';
import { NoBodyPipe } from '../platform/http/no-body.pipe.js';
import { CancelJobDto, ListJobsQuery, SubmitJobsDto, WaitQuery } from './dto/requests.dto.js';
import { SubmitJobDto } from './dto/submit-job.dto.js';
import { JobDetailView, JobPageView, JobSummaryView } from './dto/views.dto.js';
import { idempotencyKeyOf } from './idempotency-key.js';
import { JobSubmissionService } from './job-submission.service.js';
import { JobsService } from './jobs.service.js';

@ApiTags('jobs')
@Controller('api/v1/jobs')
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly submission: JobSubmissionService,
  ) {}

  @Post()
  @RequirePermission('jobs:submit')
  @ApiOperation({ summary: 'Submit a job; it is durable when the answer arrives' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same key and body: the same job (200). Another body: 422.',
  })
  @ApiCreatedResponse({ type: JobSummaryView })
  @ApiOkResponse({ type: JobSummaryView, description: 'The Idempotency-Key names a job that was submitted before' })
  async submit(
    @CurrentCaller() caller: Caller,
    @Body() body: SubmitJobDto,
    @Query() { wait }: WaitQuery,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobSummary> {
    const { job, created } = await this.submission.submit(caller, body, idempotencyKeyOf(key));
    void reply.status(created ? 201 : 200).header('location', `/api/v1/jobs/${job.id}`);
    return wait === undefined ? job : this.jobs.summary(caller, job.id, wait * 1000, clientGone(reply.raw));
  }

  @Post('bulk')
  @RequirePermission('jobs:submit')
  @ApiOperation({ summary: 'Submit many jobs at once, all or none of them' })
  @ApiCreatedResponse({
    schema: {
      type: 'object',
      properties: { items: { type: 'array', items: { $ref: '#/components/schemas/JobSummaryView' } } },
    },
  })
  async submitMany(@CurrentCaller() caller: Caller, @Body() { jobs }: SubmitJobsDto): Promise<{ items: JobSummary[] }> {
    return { items: await this.submission.submitMany(caller, jobs) };
  }

  @Get()
  @RequirePermission('jobs:read')
  @ApiOperation({ summary: 'Jobs, newest first' })
  @ApiOkResponse({ type: JobPageView })
  list(@CurrentCaller() caller: Caller, @Query() { state, ...query }: ListJobsQuery): Promise<Page<JobSummary>> {
    return this.jobs.list(caller, { ...query, states: state ?? [] });
  }

  @Get(':id')
  @RequirePermission('jobs:read')
  @ApiOperation({ summary: 'One job with steps, attempts and timeline' })
  @ApiOkResponse({ type: JobDetailView })
  async get(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() { wait }: WaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobDetail> {
    if (wait !== undefined) await this.jobs.summary(caller, id, wait * 1000, clientGone(reply.raw));
    return this.jobs.detail(caller, id);
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @RequirePermissionAt('job', 'jobs:control')
  @ApiOperation({ summary: 'Cancel a job: at once while nobody holds it, else through its runner' })
  @ApiAcceptedResponse({ type: JobSummaryView })
  cancel(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body?: CancelJobDto): Promise<JobSummary> {
    return this.jobs.cancel(caller, id, body?.mode ?? 'graceful');
  }

  @Post(':id/retry')
  @RequirePermissionAt('job', 'jobs:control')
  @ApiOperation({ summary: 'Submit a job that has ended once more, as a new job' })
  @ApiCreatedResponse({ type: JobSummaryView })
  retry(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body(NoBodyPipe) _none: unknown,
  ): Promise<JobSummary> {
    return this.submission.retry(caller, id);
  }
}
