import { Injectable, Logger } from '@nestjs/common';
import type { InstanceId, JobId, LogBatch, LogReply, OrganizationId } from '@dibs/shared';
import { EventBus } from '../events/event-bus.js';
import { AppError } from '../platform/errors.js';
import { Coalescer } from '../platform/coalescer.js';
import { isolating, type Settled } from '../platform/isolating.js';
import { problemOfLogBatch } from './check-log-batch.js';
import { LogChunkRepository, type Appended, type ChunkToAppend } from './log-chunk.repository.js';
import { LogFlush, type PendingBatch } from './log-flush.js';
import { LogLimit } from './log-limit.js';
import { measureLines } from './measure-lines.js';
import { ReaderShare } from './reader-share.js';

/**
 * Batches of one attempt always go through the same lane, one flush at a time: a later batch can never overtake an
 * earlier one and be refused for a gap that is only a moment old. Two lanes let one build its statement while the
 * other waits for the disk.
 */
const LANES = 2;
/** 64 batches of at most 256 KiB. */
const LANE_LIMITS = { maxBatch: 64, maxConcurrent: 1 } as const;
const RETRY_AFTER_MS = 500;

/** Takes the log lines of runners. A batch is acknowledged after its lines are committed, and never stored twice. */
@Injectable()
export class LogIngestService {
  private readonly logger = new Logger(LogIngestService.name);
  private readonly lanes: readonly Coalescer<PendingBatch, Settled<LogReply>>[];

  constructor(
    private readonly chunks: LogChunkRepository,
    private readonly limit: LogLimit,
    private readonly readers: ReaderShare,
    private readonly bus: EventBus,
  ) {
    const flush = isolating((batches: readonly PendingBatch[]) => this.flush(batches));
    this.lanes = Array.from({ length: LANES }, () => new Coalescer(flush, LANE_LIMITS));
  }

  /**
   * Never throws: every batch gets exactly one answer.
   *
   * @param message is not trusted to be a log batch
   * @param by whom the session belongs to, from its credentials
   */
  async append(
    message: LogBatch,
    by: { readonly organizationId: OrganizationId; readonly instanceId: InstanceId },
  ): Promise<LogReply> {
    const problem = problemOfLogBatch(message);
    if (problem !== null) return { ok: false, code: 'E_VALIDATION', message: problem, retryable: false };
    const { attempt, claimToken, firstSeq, lines } = message;
    const jobId = message.jobId.toLowerCase() as JobId;
    const batch: PendingBatch = { ...by, jobId, attempt, claimToken, firstSeq, lines };
    const settled = await this.readers.storing(lines.length, () => this.laneOf(jobId).add(batch));
    await this.limit.room(jobId);
    return settled.ok ? settled.value : this.refusalOf(settled.error);
  }

  private laneOf(jobId: string): Coalescer<PendingBatch, Settled<LogReply>> {
    // the end of a UUIDv7 is random
    return this.lanes[parseInt(jobId.slice(-2), 16) % LANES]!;
  }

  private async flush(batches: readonly PendingBatch[]): Promise<readonly LogReply[]> {
    const { replies, grown } = await new LogFlush(batches).run((chunks) => this.store(chunks));
    grown.forEach((event) => this.bus.publish('log.appended', event));
    return replies;
  }

  private async store(chunks: readonly ChunkToAppend[]): Promise<readonly Appended[]> {
    const measured = chunks.map((chunk) => ({ ...chunk, measured: measureLines(chunk.lines) }));
    const answers = await this.chunks.append(measured);
    measured.forEach((chunk, index) => {
      const { organizationId, jobId } = chunk;
      const { bytes } = chunk.measured;
      const answer = answers[index]!;
      if (answer.fenced || !answer.appended) return;
      this.limit.grew(chunk, bytes);
      this.bus.publish('log.stored', { organizationId, jobId, bytes });
    });
    return answers;
  }

  private refusalOf(error: unknown): LogReply {
    const isAway = error instanceof AppError && error.status === 503;
    if (!isAway) this.logger.error({ err: error }, 'a log batch could not be stored');
    return {
      ok: false,
      code: isAway ? 'E_UNAVAILABLE' : 'E_INTERNAL',
      message: 'The log batch could not be stored; send it again.',
      retryable: true,
      retryAfterMs: RETRY_AFTER_MS,
    };
  }
}
