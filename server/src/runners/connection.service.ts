import { Injectable } from '@nestjs/common';
import type { ConnectionView, Page } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { notFound } from '../platform/errors.js';
import { decodeCursor, toPage, type PageQuery } from '../platform/page.js';
import { ConnectionRepository } from './connection.repository.js';
import type { ConnectionRow } from './runner.sql.js';

/** Why an instance came and went. */
@Injectable()
export class ConnectionService {
  constructor(private readonly connections: ConnectionRepository) {}

  async list(
    { organizationId }: Caller,
    runnerId: string,
    name: string,
    query: PageQuery,
  ): Promise<Page<ConnectionView>> {
    const instanceId = await this.connections.findInstance(organizationId, runnerId, name);
    if (instanceId === null) throw notFound('instance of this runner');
    const before = decodeCursor(query.cursor);
    const rows = await this.connections.list(organizationId, instanceId, before, query.limit + 1);
    return toPage(rows, query.limit, (row) => row.sessionId, connectionView);
  }
}

function connectionView({ connectedAt, disconnectedAt, reason, closeCode, planned }: ConnectionRow): ConnectionView {
  return {
    connectedAt: connectedAt.toISOString(),
    disconnectedAt: disconnectedAt.toISOString(),
    reason,
    closeCode,
    planned,
  };
}
