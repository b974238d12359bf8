import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, Repository } from 'typeorm';
import type { AuditEventView, OrganizationId, Page } from '@dibs/shared';
import { decodeCursor, toPage } from '../../platform/page.js';
import type { PageQuery } from '../../platform/page.js';
import { AuditEventEntity } from './audit-event.entity.js';

const CURSOR = /^[1-9][0-9]{0,15}$/;

@Injectable()
export class AuditReader {
  constructor(@InjectRepository(AuditEventEntity) private readonly events: Repository<AuditEventEntity>) {}

  async list(organizationId: OrganizationId, query: PageQuery): Promise<Page<AuditEventView>> {
    const before = decodeCursor(query.cursor, CURSOR);
    const rows = await this.events.find({
      where: { organizationId, ...(before === null ? {} : { id: LessThan(Number(before)) }) },
      order: { id: 'DESC' },
      take: query.limit + 1,
    });
    return toPage(rows, query.limit, (row) => String(row.id), view);
  }
}

function view(row: AuditEventEntity): AuditEventView {
  return {
    id: String(row.id),
    at: row.at.toISOString(),
    actorKind: row.actorKind,
    actorId: row.actorId,
    action: row.action,
    target: row.target,
    data: row.data,
  };
}
