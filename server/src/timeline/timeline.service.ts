import { Injectable } from '@nestjs/common';
import type { JobTimeline } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { Database } from '../database/database.js';
import { MAX_TIMELINE_EVENTS } from '../jobs/job.sql.js';
import { JobsService, jobNotFound } from '../jobs/jobs.service.js';
import { mergeTimeline, type ClaimFacts, type PauseFacts } from './merge-timeline.js';
import { TIMELINE_EXTRAS } from './timeline.sql.js';

interface ExtrasRow {
  readonly exportedAt: Date;
  readonly eventCount: number;
  readonly claims: readonly ClaimFacts[];
  readonly pauses: readonly PauseFacts[];
}

/** All that is known of a job's life, put together when somebody asks: keeping it costs a job nothing. */
@Injectable()
export class TimelineService {
  constructor(
    private readonly jobs: JobsService,
    private readonly database: Database,
  ) {}

  async read(caller: Caller, jobId: string): Promise<JobTimeline> {
    const job = await this.jobs.detail(caller, jobId);
    const [extras] = await this.database.query<ExtrasRow>(TIMELINE_EXTRAS, [caller.organizationId, job.id]);
    if (extras === undefined) return jobNotFound();
    const { id, name, state, reason, parentId, timeline } = job;
    return {
      job: { id, name, state, reason, parentId },
      exportedAt: extras.exportedAt.toISOString(),
      truncated: extras.eventCount > MAX_TIMELINE_EVENTS,
      entries: mergeTimeline(timeline, extras.claims, extras.pauses),
    };
  }
}
