import type { OrganizationId } from '@dibs/shared';
import type { Database, Statement } from '../../database/database.js';
import { UUID } from '../../platform/page.js';

/** Ids are unique over all kinds, so that one look finds whatever it is. */
const NAMES: Statement = {
  name: 'audit-names',
  text: /* sql */ `
    SELECT id::text, email AS name FROM users WHERE organization_id = $1 AND id = ANY($2::uuid[])
    UNION ALL
    SELECT id::text, name FROM service_principals WHERE organization_id = $1 AND id = ANY($2::uuid[])
    UNION ALL
    SELECT id::text, name FROM api_tokens WHERE organization_id = $1 AND id = ANY($2::uuid[])
    UNION ALL
    SELECT id::text, name FROM runners WHERE organization_id = $1 AND id = ANY($2::uuid[])
    UNION ALL
    SELECT id::text, name FROM organizations WHERE id = $1 AND id = ANY($2::uuid[])`,
};

/** What users, service principals, tokens, runners and the organization are called now; those that are gone are missing. */
export async function namesOf(
  database: Database,
  organizationId: OrganizationId,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const known = [...new Set(ids)].filter((id) => UUID.test(id));
  const rows = await database.query<{ id: string; name: string }>(NAMES, [organizationId, known]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
