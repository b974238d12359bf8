import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { OrganizationId, PauseTargetType } from '@dibs/shared';
import { Database } from '../database/database.js';
import * as sql from './pause.sql.js';

export interface PauseRow {
  readonly id: string;
  readonly organizationId: OrganizationId;
  readonly kind: PauseTargetType | 'server';
  /** Empty for the server. */
  readonly targetId: string;
  readonly note: string;
  readonly who: string;
  readonly since: Date;
}

export type NewPause = Omit<PauseRow, 'since'>;

@Injectable()
export class PauseRepository {
  constructor(private readonly database: Database) {}

  /** What holds now, of every organization, maintenance included. */
  current(): Promise<PauseRow[]> {
    return this.database.query(sql.CURRENT_PAUSES);
  }

  list(organizationId: OrganizationId, before: string | null, limit: number): Promise<PauseRow[]> {
    return this.database.query(sql.LIST_PAUSES, [organizationId, before, limit]);
  }

  async find(organizationId: OrganizationId, id: string): Promise<PauseRow | null> {
    const [row] = await this.database.query<PauseRow>(sql.FIND_PAUSE, [organizationId, id]);
    return row ?? null;
  }

  /** @returns null: it is paused already */
  async insert(manager: EntityManager, pause: NewPause): Promise<PauseRow | null> {
    const { id, organizationId, kind, targetId, note, who } = pause;
    const rows: PauseRow[] = await manager.query(sql.INSERT_PAUSE, [id, organizationId, kind, targetId, note, who]);
    return rows[0] ?? null;
  }

  /** @returns null: it does not hold, or not any more */
  end(manager: EntityManager, organizationId: OrganizationId, id: string, who: string): Promise<PauseRow | null> {
    return updated(manager, sql.END_PAUSE, [organizationId, id, who]);
  }

  endMaintenance(manager: EntityManager, who: string): Promise<PauseRow | null> {
    return updated(manager, sql.END_MAINTENANCE, [who]);
  }

  /** Keeps the runner from being deleted until the transaction ends. */
  async hasRunner(manager: EntityManager, organizationId: OrganizationId, runnerId: string): Promise<boolean> {
    const rows: unknown[] = await manager.query(sql.RUNNER_EXISTS, [organizationId, runnerId]);
    return rows.length > 0;
  }
}

/** TypeORM answers an UPDATE … RETURNING with rows and their count. */
async function updated(manager: EntityManager, text: string, values: unknown[]): Promise<PauseRow | null> {
  const [rows] = await manager.query<[PauseRow[], number]>(text, values);
  return rows[0] ?? null;
}
