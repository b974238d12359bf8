import type { Statement } from '../database/database.js';

/** One server looks at a change; when it dies over that, another one does. */
const CLAIM_SECONDS = 60;

/**
 * Changes that are complete, as far as one can tell: nothing more came for $1 seconds, or they have gone on for $2. Who edits
 * several settings one after the other means one change.
 */
export const PENDING_CHANGES: Statement = {
  name: 'definition-change.pending',
  text: /* sql */ `
    SELECT organization_id AS "organizationId", node_id AS "nodeId" FROM changed_definitions
    WHERE (claimed_until IS NULL OR claimed_until < clock_timestamp())
      AND (changed_at <= clock_timestamp() - make_interval(secs => $1)
        OR first_changed_at <= clock_timestamp() - make_interval(secs => $2))
    ORDER BY organization_id, node_id LIMIT 100`,
};

/** No row: there is nothing new, or another server is at it. */
export const CLAIM_CHANGE: Statement = {
  name: 'definition-change.claim',
  text: /* sql */ `
    UPDATE changed_definitions SET claimed_until = clock_timestamp() + make_interval(secs => ${CLAIM_SECONDS})
    WHERE organization_id = $1 AND node_id = $2 AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
    RETURNING version`,
};

/** $3 the version that was looked at; a newer one stays */
export const FINISH_CHANGE: Statement = {
  name: 'definition-change.finish',
  text: /* sql */ `
    DELETE FROM changed_definitions WHERE organization_id = $1 AND node_id = $2 AND version = $3 RETURNING node_id`,
};

/** Modules that have ever been run and are $2 or in it. $3 the last one seen, $4 how many */
export const MODULES_INSIDE: Statement = {
  name: 'definition-change.modules',
  text: /* sql */ `
    SELECT m.id FROM module_standings t
    JOIN modules m ON m.organization_id = t.organization_id AND m.id = t.module_id
    JOIN namespaces n ON n.organization_id = m.organization_id AND n.id = m.namespace_id
    WHERE t.organization_id = $1 AND $2 IN (m.organization_id, n.stack_id, n.id, m.id) AND t.module_id > $3
    ORDER BY t.module_id LIMIT $4`,
};
