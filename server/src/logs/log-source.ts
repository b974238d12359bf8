import { Injectable } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import { ArchivedLogs } from '../log-archive/archived-logs.js';
import { LogReadRepository, type CountedChunk, type OnChunk, type StoredChunk } from './log-read.repository.js';

/**
 * The chunks of a log, wherever it is. The database is asked first: a log leaves it as a whole, so whoever finds something
 * there is in the right place, and only who finds nothing asks whether it was archived.
 */
@Injectable()
export class LogSource {
  private readonly reads = new Map<string, Promise<readonly StoredChunk[]>>();

  constructor(
    private readonly stored: LogReadRepository,
    private readonly archived: ArchivedLogs,
  ) {}

  /**
   * The next chunks with lines of the step (null: any) in (after, before); empty: there are none. Those who watch a log
   * hear at the same moment that it grew, and read the same of it: one read serves all who ask while it is under way.
   *
   * @param before not beyond what was stored before this call: a read that began earlier would not have seen it
   */
  chunks(
    jobId: JobId,
    attempt: number,
    after: number,
    before: number,
    step: number | null = null,
  ): Promise<readonly StoredChunk[]> {
    const key = [jobId, attempt, after, before, step].join();
    const reading = this.reads.get(key);
    if (reading) return reading;
    const read = this.read(jobId, attempt, after, before, step).finally(() => this.reads.delete(key));
    this.reads.set(key, read);
    return read;
  }

  private async read(
    jobId: JobId,
    attempt: number,
    after: number,
    before: number,
    step: number | null,
  ): Promise<readonly StoredChunk[]> {
    const chunks = await this.stored.chunks(jobId, attempt, after, before, step);
    return chunks.length > 0 ? chunks : this.archived.chunks(jobId, attempt, after, before, step);
  }

  /** Hands some of the next chunks over as bytes, if there are any. @param each as of `LogReadRepository.scan` */
  async scan(
    jobId: JobId,
    attempt: number,
    after: number,
    before: number,
    step: number | null,
    each: OnChunk,
  ): Promise<void> {
    let isStored = false;
    await this.stored.scan(jobId, attempt, after, before, step, (chunk) => {
      isStored = true;
      return each(chunk);
    });
    if (isStored) return;
    const archived = await this.archived.chunkBytes(jobId, attempt, after, before, step);
    archived.every((chunk) => each(chunk));
  }

  /** The last chunks that begin before a line and hold lines of the step, from the last one up; empty: there are none. */
  async chunksBack(jobId: JobId, attempt: number, before: number, step: number): Promise<readonly CountedChunk[]> {
    const chunks = await this.stored.chunksBack(jobId, attempt, before, step);
    return chunks.length > 0 ? chunks : this.archived.chunksBack(jobId, attempt, before, step);
  }

  /** @returns the number of the line that stands for this one, which was left out; null: it was not */
  async cutAt(jobId: JobId, attempt: number, seq: number): Promise<number | null> {
    return (await this.stored.cutAt(jobId, attempt, seq)) ?? this.archived.cutAt(jobId, attempt, seq);
  }
}
