import { Inject, Injectable, Logger } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import { AppError } from '../platform/errors.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { ArchivedLogRepository, type ArchivedLog } from './archived-log.repository.js';
import {
  blocksBetween,
  decodeBlock,
  decodeIndex,
  type ArchivedChunk,
  type LogBlock,
  type LogObjectIndex,
} from './format/log-object-index.js';
import { sha256Of } from './format/log-object-writer.js';
import { LOG_ARCHIVE } from './log-archive.token.js';
import { ArchiveError, bytesOf, type ObjectStore } from './store/object-store.js';

/** Readers come back for the next part of the same log. */
const INDEXES_KEPT = 32;

/**
 * Reads logs that are in the archive only: the index of an object once, then only those of its blocks that hold what is
 * asked for. Every part is compared with its hash; that of the index is in the database.
 */
@Injectable()
export class ArchivedLogs {
  private readonly logger = new Logger(ArchivedLogs.name);
  private readonly indexes = new Map<string, LogObjectIndex>();
  private readonly failures;

  constructor(
    private readonly logs: ArchivedLogRepository,
    @Inject(LOG_ARCHIVE) private readonly store: ObjectStore | null,
    metrics: Metrics,
  ) {
    this.failures = metrics.counter(
      'dibs_log_archive_read_failures_total',
      'Archived logs that could not be read: the archive did not answer (unavailable), or has not what was stored (damaged)',
      ['reason'],
    );
  }

  /** The next chunks with lines in (after, before), some of which may be of the step; empty: there are none. */
  async chunks(...asked: Parameters<ArchivedLogs['chunkBytes']>): Promise<ArchivedChunk[]> {
    return (await this.chunkBytes(...asked)).map(asText);
  }

  /** The same, for who need not have all of it as text. */
  async chunkBytes(
    jobId: JobId,
    attempt: number,
    after: number,
    before: number,
    step: number | null,
  ): Promise<ArchivedChunk<Buffer>[]> {
    const log = await this.logs.find(jobId, attempt);
    if (log === null) return [];
    for (const block of blocksBetween(await this.indexOf(log), after, before, step)) {
      const chunks = await this.blockOf(log, block);
      const wanted = chunks.filter((chunk) => chunk.last_seq > after && chunk.first_seq < before);
      if (wanted.length > 0) return wanted;
    }
    return [];
  }

  /** The last chunks that begin before a line, from the last one up; among them all of the step. */
  async chunksBack(jobId: JobId, attempt: number, before: number, step: number): Promise<ArchivedChunk[]> {
    const log = await this.logs.find(jobId, attempt);
    if (log === null) return [];
    const block = blocksBetween(await this.indexOf(log), 0, before, step).at(-1);
    if (block === undefined) return [];
    return (await this.blockOf(log, block))
      .filter((chunk) => chunk.first_seq < before)
      .map(asText)
      .reverse();
  }

  /** @returns the number of the line that stands for this one, which was left out; null: it was not */
  async cutAt(jobId: JobId, attempt: number, seq: number): Promise<number | null> {
    const log = await this.logs.find(jobId, attempt);
    if (log === null) return null;
    const { cuts } = await this.indexOf(log);
    return cuts.find(([first, last]) => first <= seq && seq <= last)?.[0] ?? null;
  }

  private async indexOf(log: ArchivedLog): Promise<LogObjectIndex> {
    const { objectName, indexFrom: from, indexBytes: bytes, indexSha256: sha256 } = log;
    const known = this.indexes.get(objectName);
    this.indexes.delete(objectName);
    const index = known ?? (await this.part(log, { from, bytes, sha256 }, decodeIndex));
    this.indexes.set(objectName, index);
    if (this.indexes.size > INDEXES_KEPT) this.indexes.delete(this.indexes.keys().next().value!);
    return index;
  }

  private blockOf(log: ArchivedLog, block: LogBlock): Promise<ArchivedChunk<Buffer>[]> {
    return this.part(log, block, decodeBlock);
  }

  private async part<T>(
    { objectName }: ArchivedLog,
    { from, bytes, sha256 }: Pick<LogBlock, 'from' | 'bytes' | 'sha256'>,
    decode: (zipped: Buffer) => Promise<T>,
  ): Promise<T> {
    if (this.store === null) throw this.failed('unavailable', objectName, 'DIBS_LOG_ARCHIVE is not set');
    const read = await bytesOf(this.store.read(objectName, { from, bytes })).catch((error: unknown) => {
      if (!(error instanceof ArchiveError)) throw error;
      throw this.failed(error.kind === 'missing' ? 'damaged' : 'unavailable', objectName, error.message);
    });
    if (sha256Of(read) !== sha256) throw this.failed('damaged', objectName, 'its content is not what was stored');
    return decode(read);
  }

  /** Where the archive is and what it said is for operators; whoever reads the log is told which object it is. */
  private failed(reason: 'unavailable' | 'damaged', objectName: string, why: string): AppError {
    this.failures.inc({ reason });
    const archive = this.store?.location ?? null;
    this.logger.warn({ archive, objectName, reason: why }, 'an archived log could not be read');
    const where = `The log is in the archive (${this.store?.kind ?? 'none is set up on this server'})`;
    if (reason === 'unavailable') {
      return new AppError(503, 'log_archive_unavailable', `${where}, which cannot be read now. Try again later.`, {
        headers: { 'retry-after': '30' },
      });
    }
    const detail = `${where}, but object ${objectName} is missing there, or is not what was stored.`;
    return new AppError(502, 'log_archive_damaged', detail);
  }
}

function asText(chunk: ArchivedChunk<Buffer>): ArchivedChunk {
  return { ...chunk, lines: chunk.lines.toString() };
}
