import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Database, type Statement } from '../database/database.js';

/** Of one owner: a menu of more is a search. */
export const MOST_JOB_VIEWS = 50;

export interface JobViewRow {
  readonly id: string;
  readonly name: string;
  readonly query: string;
  readonly createdAt: Date;
}

const COLUMNS = 'id, name, query, created_at AS "createdAt"';

const LIST: Statement = {
  name: 'job-view-list',
  text: /* sql */ `
    SELECT ${COLUMNS} FROM job_views WHERE organization_id = $1 AND owner_id = $2 ORDER BY lower(name), name`,
};

/** Two at the same moment may both find room for one: the bound is there for the size, not for the exact number. */
const SAVE: Statement = {
  name: 'job-view-save',
  text: /* sql */ `
    INSERT INTO job_views (id, organization_id, owner_id, name, query)
    SELECT $3::uuid, $1::uuid, $2::uuid, $4, $5
    WHERE EXISTS (SELECT FROM job_views WHERE organization_id = $1 AND owner_id = $2 AND name = $4)
      OR (SELECT count(*) FROM job_views WHERE organization_id = $1 AND owner_id = $2) < ${MOST_JOB_VIEWS}
    ON CONFLICT (organization_id, owner_id, name) DO UPDATE SET query = excluded.query
    RETURNING ${COLUMNS}`,
};

const DELETE: Statement = {
  name: 'job-view-delete',
  text: /* sql */ `DELETE FROM job_views WHERE organization_id = $1 AND owner_id = $2 AND id = $3 RETURNING id`,
};

type Owner = Pick<Caller, 'organizationId' | 'id'>;

@Injectable()
export class JobViewRepository {
  constructor(private readonly database: Database) {}

  list({ organizationId, id }: Owner): Promise<JobViewRow[]> {
    return this.database.query(LIST, [organizationId, id]);
  }

  /** @returns null: the owner has too many */
  async save(owner: Owner, view: Omit<JobViewRow, 'createdAt'>): Promise<JobViewRow | null> {
    const values = [owner.organizationId, owner.id, view.id, view.name, view.query];
    const [row] = await this.database.query<JobViewRow>(SAVE, values);
    return row ?? null;
  }

  /** @returns whether there was one */
  async delete({ organizationId, id: ownerId }: Owner, id: string): Promise<boolean> {
    return (await this.database.query(DELETE, [organizationId, ownerId, id])).length > 0;
  }
}
