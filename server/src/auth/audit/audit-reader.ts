import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { AuditEventView, OrganizationId, Page } from '@dibs/shared';
import { Database } from '../../database/database.js';
import { badRequest } from '../../platform/errors.js';
import { decodeCursor, toPage } from '../../platform/page.js';
import { AuditEventEntity } from './audit-event.entity.js';
import { namesOf } from './audit-names.js';
import type { AuditQuery } from './audit.query.js';

const CURSOR = /^[1-9][0-9]{0,15}$/;

@Injectable()
export class AuditReader {
  constructor(
    @InjectRepository(AuditEventEntity) private readonly events: Repository<AuditEventEntity>,
    private readonly database: Database,
  ) {}

  /** Newest first. */
  async list(organizationId: OrganizationId, query: AuditQuery): Promise<Page<AuditEventView>> {
    const rows = await this.read(organizationId, query);
    const names = await namesOf(
      this.database,
      organizationId,
      rows.flatMap((row) => [row.actorId, row.target]),
    );
    return toPage(
      rows,
      query.limit,
      (row) => String(row.id),
      (row) => view(row, names),
    );
  }

  private read(organizationId: OrganizationId, query: AuditQuery): Promise<AuditEventEntity[]> {
    const { actor, action, from, to, limit } = query;
    if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to)) {
      throw badRequest('empty_range', 'from must be earlier than to.', [
        { path: 'from', message: 'must be before to' },
      ]);
    }
    const before = decodeCursor(query.cursor, CURSOR);
    const events = this.events.createQueryBuilder('e').where('e.organizationId = :organizationId', { organizationId });
    if (before !== null) events.andWhere('e.id < :before', { before: Number(before) });
    if (actor !== undefined) events.andWhere('e.actorId = :actor', { actor });
    if (action !== undefined) events.andWhere('e.action IN (:...action)', { action });
    if (from !== undefined) events.andWhere('e.at >= :from', { from: new Date(from) });
    if (to !== undefined) events.andWhere('e.at < :to', { to: new Date(to) });
    return events
      .orderBy('e.id', 'DESC')
      .take(limit + 1)
      .getMany();
  }
}

function view(row: AuditEventEntity, names: ReadonlyMap<string, string>): AuditEventView {
  return {
    id: String(row.id),
    at: row.at.toISOString(),
    actorKind: row.actorKind,
    actorId: row.actorId,
    actorName: names.get(row.actorId) ?? null,
    action: row.action,
    target: row.target,
    targetName: names.get(row.target) ?? nameAtThatTime(row.data),
    data: row.data,
  };
}

/** Entries tell the name of what they made or removed. */
function nameAtThatTime({ name, email }: Readonly<Record<string, unknown>>): string | null {
  if (typeof name === 'string') return name;
  return typeof email === 'string' ? email : null;
}
