import { Injectable } from '@nestjs/common';
import type { JobId, OrganizationId } from '@dibs/shared';
import { FreshReads } from '../platform/fresh-reads.js';
import { LogReadRepository, type LogStanding } from './log-read.repository.js';

/** Where logs stand. All who watch one hear at the same moment that it grew, and ask: two statements answer them. */
@Injectable()
export class LogStandings {
  private readonly reads = new FreshReads<LogStanding | null>();

  constructor(private readonly stored: LogReadRepository) {}

  /** As it is now or later. @param attempt null: the latest. @returns null: the organization has no such job */
  standing(organizationId: OrganizationId, jobId: JobId, attempt: number | null): Promise<LogStanding | null> {
    const key = [organizationId, jobId, attempt].join();
    return this.reads.get(key, () => this.stored.standing(organizationId, jobId, attempt));
  }
}
