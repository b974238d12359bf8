import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AssignmentKind, CreateRoleGrantBody, Page, RoleGrantView } from '@dibs/shared';
import { AuditLog, by } from '../auth/audit/audit-log.js';
import type { Caller } from '../auth/caller.js';
import { demandMayGrant } from '../auth/grant.js';
import { notFound } from '../platform/errors.js';
import { decodeCursor, toPage, type PageQuery } from '../platform/page.js';
import { uuidv7 } from '../platform/uuid.js';
import { HierarchyRepository, type NodeKey } from './hierarchy.repository.js';
import { HierarchyService } from './hierarchy.service.js';
import { RoleGrantRepository, type RoleGrantRow } from './role-grant.repository.js';

/** Who may do more at a stack, namespace or module, and inside it, than in the organization. Counts from the next call on. */
@Injectable()
export class RoleGrantService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly hierarchy: HierarchyRepository,
    private readonly nodes: HierarchyService,
    private readonly grants: RoleGrantRepository,
    private readonly audit: AuditLog,
  ) {}

  /** Those of the node itself; what is granted further out counts as well and is listed there. */
  async list(
    caller: Caller,
    kind: AssignmentKind,
    id: string,
    { cursor, limit }: PageQuery,
  ): Promise<Page<RoleGrantView>> {
    await this.nodes.get(caller, kind, id);
    const { organizationId } = caller;
    const rows = await this.grants.list({ organizationId, kind, id }, decodeCursor(cursor), limit + 1);
    return toPage(rows, limit, (row) => row.id, grantView);
  }

  /** @throws AppError 404 for a node or grantee that is not there, or is foreign */
  async create(
    caller: Caller,
    kind: AssignmentKind,
    nodeId: string,
    { role, grantee }: CreateRoleGrantBody,
  ): Promise<RoleGrantView> {
    demandMayGrant(caller, role);
    const node: NodeKey = { organizationId: caller.organizationId, kind, id: nodeId };
    return this.dataSource.transaction(async (manager) => {
      if ((await this.hierarchy.lock(manager, node)) === null) throw notFound(kind);
      const id = await this.grants.save(manager, node, { id: uuidv7(), role, grantee });
      const row = id === null ? null : await this.grants.find(manager, node, id);
      if (row === null) throw notFound('user, service principal with a role, or API token');
      await this.audit.write(manager, { ...by(caller), action: 'role_grant.created', ...told(node, row) });
      return grantView(row);
    });
  }

  async delete(caller: Caller, kind: AssignmentKind, nodeId: string, id: string): Promise<void> {
    const node: NodeKey = { organizationId: caller.organizationId, kind, id: nodeId };
    await this.dataSource.transaction(async (manager) => {
      // of one lock, so that of two who take it back at the same moment one is told that it is gone
      if ((await this.hierarchy.lock(manager, node)) === null) throw notFound(kind);
      const row = await this.grants.find(manager, node, id);
      if (row === null) throw notFound(`role grant of this ${kind}`);
      demandMayGrant(caller, row.role);
      await this.grants.delete(manager, node, id);
      await this.audit.write(manager, { ...by(caller), action: 'role_grant.deleted', ...told(node, row) });
    });
  }
}

/** The trail of a grantee tells what they may do, and where. */
function told({ kind, id }: NodeKey, { role, granteeId, granteeName }: RoleGrantRow) {
  return { target: granteeId, data: { name: granteeName, role, at: kind, atId: id } };
}

function grantView({ id, role, granteeKind, granteeId, granteeName, createdAt }: RoleGrantRow): RoleGrantView {
  const grantee = { kind: granteeKind, id: granteeId, name: granteeName };
  return { id, role, grantee, createdAt: createdAt.toISOString() };
}
