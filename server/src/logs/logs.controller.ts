import { Readable } from 'node:stream';
import { Controller, Get, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { LogPage } from '@dibs/shared';
import type { FastifyReply } from 'fastify';
import { CurrentCaller, RequirePermission } from '../auth/access.decorators.js';
import type { Caller } from '../auth/caller.js';
import { clientGone } from '../platform/client-gone.js';
import { badRequest } from '../platform/errors.js';
import { ReadLogQuery } from './dto/read-log.query.js';
import { CONTENT_TYPES, type StreamFormat } from './log-format.js';
import { LogsService, type LogStream } from './logs.service.js';

/** Text that is handed to the socket in one piece; the next is made when the reader has taken it. */
const HIGH_WATER_MARK_BYTES = 64 * 1024;

@ApiTags('jobs')
@Controller('api/v1/jobs/:id/logs')
export class LogsController {
  constructor(private readonly logs: LogsService) {}

  @Get()
  @RequirePermission('jobs:read')
  @ApiOperation({ summary: "The log; with follow=true a live tail until the job's end" })
  @ApiProduces('text/plain', 'application/x-ndjson', 'application/json')
  @ApiOkResponse({ description: 'Lines in the order of their numbers, from 1 without gaps per attempt' })
  async read(
    @CurrentCaller() caller: Caller,
    @Param('id') jobId: string,
    @Query() { format = 'text', follow = false, ...range }: ReadLogQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LogPage | StreamableFile> {
    const request = { jobId, ...range };
    void reply.header('cache-control', 'no-store');
    if (format !== 'json') {
      const stream = follow
        ? await this.logs.follow(caller, request, format, clientGone(reply.raw))
        : await this.logs.stream(caller, request, format);
      return sendStream(reply, stream, format, follow);
    }
    if (follow) throw badRequest('invalid_log_range', 'follow needs format text or ndjson.');
    return this.logs.page(caller, request);
  }
}

function sendStream(reply: FastifyReply, stream: LogStream, format: StreamFormat, follow: boolean): StreamableFile {
  void reply.headers({
    'content-type': CONTENT_TYPES[format],
    // proxies would keep the lines back until they have a bufferful
    'x-accel-buffering': 'no',
    'x-dibs-attempt': String(stream.attempt),
    ...(follow ? {} : { 'x-dibs-last-seq': String(stream.lastSeq), 'x-dibs-log-complete': String(stream.complete) }),
  });
  const content = follow ? afterHeaders(reply, stream.content) : stream.content;
  return new StreamableFile(Readable.from(content, { objectMode: false, highWaterMark: HIGH_WATER_MARK_BYTES }));
}

/** A job may print nothing for minutes; its follower should know at once that the request was accepted. */
async function* afterHeaders(reply: FastifyReply, content: AsyncGenerator<string>): AsyncGenerator<string> {
  reply.raw.flushHeaders();
  yield* content;
}
