import { Controller, Get, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { LogReceipt, LogSearchPage } from '@dibs/shared';
import type { FastifyReply } from 'fastify';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { clientGone } from '../platform/client-gone.js';
import { badRequest } from '../platform/errors.js';
import { LogReceiptDocument } from './dto/log-receipt.document.js';
import { LogReceiptQuery } from './dto/log-receipt.query.js';
import { LogPageDocument, LogSearchPageDocument } from './dto/log.document.js';
import { ReadLogQuery } from './dto/read-log.query.js';
import { SearchLogQuery } from './dto/search-log.query.js';
import { streamFormatOf } from './log-format.js';
import { LogsService } from './logs.service.js';
import { sendLogStream } from './send-log-stream.js';

@ApiTags('jobs')
@ApiResponse({
  status: 400,
  description: '`validation_failed`, `invalid_log_range`: what is wrong, and what is allowed',
})
@ApiResponse({ status: 404, description: '`job_not_found`, `attempt_not_found`' })
@ApiResponse({ status: 410, description: '`log_removed`: by the retention of the organization; its receipt remains' })
@ApiResponse({ status: 502, description: '`log_archive_damaged`: the archive has not what was stored in it' })
@ApiResponse({ status: 503, description: '`log_archive_unavailable`: the log is in an archive that does not answer' })
@Controller('api/v1/jobs/:id/logs')
export class LogsController {
  constructor(private readonly logs: LogsService) {}

  @Get()
  @RequirePermission('jobs:read')
  @ApiOperation({
    summary: "The log; with follow=true a live tail until the job's end",
    description:
      'Lines in the order of their numbers, from 1 without gaps per attempt. Text and ndjson are streamed, compressed ' +
      'where Accept-Encoding allows gzip; json is a page that tells how to go on in either direction.',
  })
  @ApiExtraModels(LogPageDocument)
  @ApiOkResponse({
    headers: {
      'X-Dibs-Attempt': { description: 'Whose log it is', schema: { type: 'integer' } },
      'X-Dibs-Last-Seq': { description: 'Text and ndjson, not following', schema: { type: 'integer' } },
      'X-Dibs-Log-Complete': { description: 'Text and ndjson, not following', schema: { type: 'boolean' } },
    },
    content: {
      'text/plain': { schema: { type: 'string', description: 'What the job printed, as it came.' } },
      'application/x-ndjson': {
        schema: { type: 'string', description: 'One `LogRowDocument` a line; while following with `attempt`.' },
      },
      'application/json': { schema: { $ref: getSchemaPath(LogPageDocument) } },
    },
  })
  async read(
    @CurrentCaller() caller: Caller,
    @Param('id') jobId: string,
    @Query() { format: named, follow = false, download = false, ...range }: ReadLogQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | StreamableFile> {
    const request = { jobId, ...range };
    const format = named ?? streamFormatOf(reply.request.headers.accept);
    void reply.header('cache-control', 'no-store');
    if (download && follow) throw badRequest('invalid_log_range', 'download cannot be combined with follow.');
    if (format !== 'json') {
      const stream = follow
        ? await this.logs.follow(caller, request, format, clientGone(reply.raw))
        : await this.logs.stream(caller, request, format);
      return sendLogStream(reply, stream, { format, follow, download });
    }
    if (follow || download) {
      throw badRequest('invalid_log_range', `${follow ? 'follow' : 'download'} needs format text or ndjson.`);
    }
    const page = await this.logs.page(caller, request);
    void reply.type('application/json; charset=utf-8');
    return page;
  }

  @Get('search')
  @RequirePermission('jobs:read')
  @ApiOperation({
    summary: 'Lines of the log with a text in them',
    description:
      'Looks at every line of the range, so `total` is exact, also where `limit` leaves hits for the next page. A line ' +
      'of more than 64 KiB is stored as several; a text across two of them is not found.',
  })
  @ApiOkResponse({ type: LogSearchPageDocument })
  @ApiResponse({ status: 422, description: '`log_search_too_long`: more than 20 s; search a part, by range or step' })
  @ApiResponse({
    status: 503,
    description: '`log_search_busy`: others search, Retry-After says when to try again; `log_archive_unavailable`',
  })
  search(
    @CurrentCaller() caller: Caller,
    @Param('id') jobId: string,
    @Query() query: SearchLogQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LogSearchPage> {
    void reply.header('cache-control', 'no-store');
    return this.logs.search(caller, { jobId, ...query }, clientGone(reply.raw));
  }

  @Get('receipt')
  @RequirePermission('jobs:read')
  @ApiOperation({
    summary: 'Whether the log of an attempt is stored as its runner wrote it',
    description:
      'Compares lines, bytes and SHA-256 of each step as the runner counted them with what is stored, and says exactly ' +
      'what is missing. The stored lines are counted when somebody first asks after the end; `check=true` does it again.',
  })
  @ApiOkResponse({ type: LogReceiptDocument })
  @ApiResponse({ status: 422, description: '`log_receipt_too_long`: the log cannot be counted within 20 s' })
  @ApiResponse({
    status: 503,
    description: '`log_receipt_busy`: other logs are being counted, Retry-After; `log_archive_unavailable`',
  })
  receipt(
    @CurrentCaller() caller: Caller,
    @Param('id') jobId: string,
    @Query() { check, ...query }: LogReceiptQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LogReceipt> {
    void reply.header('cache-control', 'no-store');
    return this.logs.receipt(caller, { jobId, ...query }, check, clientGone(reply.raw));
  }
}
