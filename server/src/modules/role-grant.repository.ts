import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { CreateRoleGrantBody, GrantableRole, RoleGrantView } from '@dibs/shared';
import { Database, type Statement } from '../database/database.js';
import type { NodeKey } from './hierarchy.repository.js';

export interface RoleGrantRow {
  readonly id: string;
  readonly role: GrantableRole;
  readonly granteeKind: RoleGrantView['grantee']['kind'];
  readonly granteeId: string;
  readonly granteeName: string;
  readonly createdAt: Date;
}

const COLUMNS = /* sql */ `
  g.id, g.role, g.grantee_id AS "granteeId", g.created_at AS "createdAt", COALESCE(u.email, p.name, t.name) AS "granteeName",
  CASE WHEN g.user_id IS NOT NULL THEN 'user' WHEN g.api_token_id IS NOT NULL THEN 'apiToken' ELSE 'servicePrincipal' END
    AS "granteeKind"`;

const WITH_NAMES = /* sql */ `
  role_grants g
  LEFT JOIN users u ON u.id = g.user_id
  LEFT JOIN service_principals p ON p.id = g.service_principal_id
  LEFT JOIN api_tokens t ON t.id = g.api_token_id`;

const LIST: Statement = {
  name: 'role-grant-list',
  text: /* sql */ `
    SELECT ${COLUMNS} FROM ${WITH_NAMES}
    WHERE g.organization_id = $1 AND g.node_id = $2 AND ($3::uuid IS NULL OR g.id < $3)
    ORDER BY g.id DESC LIMIT $4`,
};

const FIND = /* sql */ `SELECT ${COLUMNS} FROM ${WITH_NAMES} WHERE g.organization_id = $1 AND g.node_id = $2 AND g.id = $3`;

/** Whom a role can be granted to: whoever could sign in. Names of tables cannot be parameters; these are all of ours. */
const GRANTEES: Readonly<Record<RoleGrantView['grantee']['kind'], { readonly column: string; readonly from: string }>> =
  {
    user: { column: 'user_id', from: 'users WHERE true' },
    // a runner's principal has no role, and may use no route
    servicePrincipal: { column: 'service_principal_id', from: 'service_principals WHERE role IS NOT NULL' },
    apiToken: { column: 'api_token_id', from: 'api_tokens WHERE revoked_at IS NULL' },
  };

@Injectable()
export class RoleGrantRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list({ organizationId, id }: NodeKey, before: string | null, limit: number): Promise<RoleGrantRow[]> {
    return this.database.query(LIST, [organizationId, id, before, limit]);
  }

  async find(manager: EntityManager, node: NodeKey, id: string): Promise<RoleGrantRow | null> {
    const [row]: RoleGrantRow[] = await manager.query(FIND, [node.organizationId, node.id, id]);
    return row ?? null;
  }

  /**
   * Grants the role, in the place of one that the grantee has there already.
   *
   * @returns the id of the grant; null: the organization has nobody of that id who could sign in
   */
  async save(
    manager: EntityManager,
    { organizationId, kind, id: nodeId }: NodeKey,
    { id, role, grantee }: CreateRoleGrantBody & { readonly id: string },
  ): Promise<string | null> {
    const { column, from } = GRANTEES[grantee.kind];
    const rows: { id: string }[] = await manager.query(
      `INSERT INTO role_grants (id, organization_id, ${kind}_id, role, ${column})
       SELECT $1, organization_id, $3, $4, id FROM ${from} AND organization_id = $2 AND id = $5
       ON CONFLICT (organization_id, grantee_id, node_id) DO UPDATE SET role = excluded.role
       RETURNING id`,
      [id, organizationId, nodeId, role, grantee.id],
    );
    return rows[0]?.id ?? null;
  }

  async delete(manager: EntityManager, { organizationId }: NodeKey, id: string): Promise<void> {
    await manager.query('DELETE FROM role_grants WHERE organization_id = $1 AND id = $2', [organizationId, id]);
  }
}
