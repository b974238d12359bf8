import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { Database } from '../database/database.js';
import { timeOfId } from '../domain/logs/id-time.js';
import type { ChunkToArchive } from './format/log-object-writer.js';
import * as sql from './archive-queue.sql.js';

/** A job in the queue that is this server's for some minutes. */
export interface ClaimedJob {
  readonly jobId: JobId;
  readonly organizationId: OrganizationId;
  readonly claim: string;
  /** So often it was tried in vain. */
  readonly failures: number;
}

@Injectable()
export class ArchiveQueueRepository {
  constructor(private readonly database: Database) {}

  /** Puts the next older jobs into the queue. @returns whether there may be more of them */
  async sweep(): Promise<boolean> {
    const [row] = await this.database.query<{ jobs: number }>(sql.SWEEP);
    return row!.jobs === sql.SWEPT_AT_ONCE;
  }

  /** Jobs that were submitted before are in the queue, unless nothing of them is to be copied. */
  async sweptToMs(): Promise<number> {
    const [row] = await this.database.query<{ sweptTo: string }>(sql.SWEPT_TO);
    return timeOfId(row!.sweptTo);
  }

  async add(jobIds: readonly JobId[], dueInSeconds: number): Promise<void> {
    await this.database.query(sql.ADD, [jobIds, dueInSeconds]);
  }

  claim(most: number): Promise<ClaimedJob[]> {
    return this.database.query<ClaimedJob>(sql.CLAIM_DUE, [most, randomUUID()]);
  }

  /** The attempts whose logs are to be copied; null: the job has not ended. */
  async attemptsOf(jobId: JobId): Promise<readonly number[] | null> {
    const rows = await this.database.query<{ hasEnded: boolean; attempt: number | null }>(sql.ATTEMPTS, [jobId]);
    if (rows[0]?.hasEnded === false) return null;
    return rows.flatMap(({ attempt }) => (attempt === null ? [] : [attempt]));
  }

  async done({ jobId, claim }: ClaimedJob): Promise<void> {
    await this.database.query(sql.DONE, [jobId, claim]);
  }

  async later({ jobId, claim }: ClaimedJob): Promise<void> {
    await this.database.query(sql.LATER, [jobId, claim]);
  }

  async failed({ jobId, claim, failures }: ClaimedJob, againInSeconds: number): Promise<void> {
    await this.database.query(sql.FAILED, [jobId, claim, failures + 1, againInSeconds]);
  }

  /** Jobs whose time has come, and those that failed before and wait for another time; not counted beyond some thousands. */
  async waiting(): Promise<{ readonly due: number; readonly failed: number }> {
    const [row] = await this.database.query<{ due: number; failed: number }>(sql.WAITING);
    return row!;
  }

  /** The log, page by page; a page may go back behind what was read when the log's middle was left out meanwhile. */
  async *chunks(jobId: JobId, attempt: number): AsyncGenerator<readonly ChunkToArchive[]> {
    for (let after = 0; ;) {
      const page = await this.database.query<ChunkToArchive>(sql.CHUNKS(jobId), [jobId, attempt, after]);
      if (page.length === 0) return;
      yield page;
      after = page.at(-1)!.last_seq;
    }
  }
}
