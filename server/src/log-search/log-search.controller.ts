import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FailedJob, FirstError, LogsSearchPage, Page } from '@dibs/shared';
import type { FastifyReply } from 'fastify';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { clientGone } from '../platform/client-gone.js';
import { PageQuery } from '../platform/page.js';
import { FailedJobPageDocument, FirstErrorDocument, LogsSearchPageDocument } from './dto/log-search.document.js';
import { SearchLogsQuery } from './dto/search-logs.query.js';
import { LogSearchService } from './log-search.service.js';

/** Whoever may read a log may find it. */
@ApiTags('logs')
@Controller('api/v1')
export class LogSearchController {
  constructor(private readonly logs: LogSearchService) {}

  @Get('logs/search')
  @RequirePermission('jobs:read')
  @ApiOperation({
    summary: 'Lines with a text in them, in the logs of all jobs',
    description:
      'The newest jobs first, also those that run. One answer takes some two seconds at most: then `nextCursor` goes on ' +
      'further back, and `searchedBackTo` tells how far it came.',
  })
  @ApiOkResponse({ type: LogsSearchPageDocument })
  @ApiResponse({ status: 400, description: '`validation_failed`, `invalid_range`, `invalid_cursor`' })
  @ApiResponse({ status: 503, description: '`log_search_busy`: others search; Retry-After says when to try again' })
  search(
    @CurrentCaller() caller: Caller,
    @Query() query: SearchLogsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LogsSearchPage> {
    void reply.header('cache-control', 'no-store');
    return this.logs.search(caller, query, clientGone(reply.raw));
  }

  @Get('jobs/:id/first-error')
  @RequirePermission('jobs:read')
  @ApiOperation({
    summary: 'The line that tells why a job failed, and how many others failed with the same',
    description:
      'The first line of the failed step that complains; else the last one on its error stream, else its last one. Two lines ' +
      'are the same error when only numbers, ids, hashes and temporary paths differ.',
  })
  @ApiOkResponse({ type: FirstErrorDocument })
  @ApiResponse({ status: 404, description: '`job_not_found`' })
  firstError(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<FirstError> {
    return this.logs.firstError(caller, id);
  }

  @Get('logs/errors/:fingerprint/jobs')
  @RequirePermission('jobs:read')
  @ApiOperation({ summary: 'Jobs that failed with the same error, newest first; none where it is not known' })
  @ApiOkResponse({ type: FailedJobPageDocument })
  @ApiResponse({ status: 400, description: '`validation_failed`, `invalid_fingerprint`, `invalid_cursor`' })
  jobsWithError(
    @CurrentCaller() caller: Caller,
    @Param('fingerprint') fingerprint: string,
    @Query() query: PageQuery,
  ): Promise<Page<FailedJob>> {
    return this.logs.jobsWithError(caller, fingerprint, query);
  }
}
