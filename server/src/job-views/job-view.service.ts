import { Injectable } from '@nestjs/common';
import type { CreateJobViewBody, JobViewView, Page } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { conflict, notFound } from '../platform/errors.js';
import { uuidv7 } from '../platform/uuid.js';
import { JobViewRepository, MOST_JOB_VIEWS, type JobViewRow } from './job-view.repository.js';

/** Filters that follow whoever saved them to every browser. */
@Injectable()
export class JobViewService {
  constructor(private readonly views: JobViewRepository) {}

  async list(caller: Caller): Promise<Page<JobViewView>> {
    return { items: (await this.views.list(caller)).map(view), nextCursor: null };
  }

  async save(caller: Caller, { name, query }: CreateJobViewBody): Promise<JobViewView> {
    const saved = await this.views.save(caller, { id: uuidv7(), name, query });
    if (saved === null) {
      throw conflict('too_many_views', `You have ${MOST_JOB_VIEWS} saved views already. Delete one of them first.`);
    }
    return view(saved);
  }

  async delete(caller: Caller, id: string): Promise<void> {
    if (!(await this.views.delete(caller, id))) throw notFound('saved view');
  }
}

function view({ id, name, query, createdAt }: JobViewRow): JobViewView {
  return { id, name, query, createdAt: createdAt.toISOString() };
}
