import { Readable, pipeline } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONTENT_TYPES, qualityOf, type StreamFormat } from './log-format.js';
import type { LogStream } from './logs.service.js';

/** Text that is handed to the socket in one piece; the next is made when the reader has taken it. */
const HIGH_WATER_MARK_BYTES = 64 * 1024;
/** Logs shrink to a tenth at this level; the best one takes five times as long for a twelfth. */
const GZIP_LEVEL = 4;

export interface SendAs {
  readonly format: StreamFormat;
  readonly follow: boolean;
  readonly download: boolean;
}

/**
 * The answer that a stream of lines becomes. A reader that is slow holds back its own stream, and one that leaves ends
 * it, down to the next read of the database.
 */
export function sendLogStream(reply: FastifyReply, stream: LogStream, { format, follow, download }: SendAs) {
  const isGzip = qualityOf(String(reply.request.headers['accept-encoding'] ?? ''), ['gzip', 'x-gzip']) > 0;
  void reply.headers({
    'content-type': CONTENT_TYPES[format],
    vary: 'accept, accept-encoding',
    // proxies would keep the lines back until they have a bufferful
    'x-accel-buffering': 'no',
    'x-dibs-attempt': String(stream.attempt),
    ...(follow ? {} : { 'x-dibs-last-seq': String(stream.lastSeq), 'x-dibs-log-complete': String(stream.complete) }),
    ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
    ...(download ? { 'content-disposition': `attachment; filename="${fileNameOf(stream, format)}"` } : {}),
  });
  const content = follow ? afterHeaders(reply, stream.content) : stream.content;
  const lines = Readable.from(content, { objectMode: false, highWaterMark: HIGH_WATER_MARK_BYTES });
  return new StreamableFile(isGzip ? gzipped(lines, follow) : lines);
}

/** A follower is to see each piece when it is there, so every piece is flushed; that costs a few bytes each. */
function gzipped(lines: Readable, follow: boolean): Readable {
  const flush = follow ? constants.Z_SYNC_FLUSH : constants.Z_NO_FLUSH;
  // an error of the one ends the other, and is told by whoever reads it
  return pipeline(lines, createGzip({ level: GZIP_LEVEL, flush }), () => undefined);
}

function fileNameOf({ jobId, attempt }: LogStream, format: StreamFormat): string {
  return `job-${jobId}-attempt-${attempt}.${format === 'text' ? 'log' : 'ndjson'}`;
}

/** A job may print nothing for minutes; its follower should know at once that the request was accepted. */
async function* afterHeaders(reply: FastifyReply, content: AsyncGenerator<string>): AsyncGenerator<string> {
  reply.raw.flushHeaders();
  yield* content;
}
